// Wildcard patterns over the characters of UTF-8 names.
#pragma once

#include <dmlib/core/config.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Bytes that are not UTF-8 become numbers behind Unicode's last, so that they only match
/// themselves.
inline constexpr char32_t broken_byte_base = 0x110000;

/// Reads one character at `at` and moves it on.
inline char32_t next_character(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    std::size_t more = 0;
    char32_t c = lead;
    if (lead >= 0xC2 && lead <= 0xDF) {
        more = 1;
        c = lead & 0x1FU;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        more = 2;
        c = lead & 0x0FU;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        more = 3;
        c = lead & 0x07U;
    } else if (lead >= 0x80) {
        ++at;
        return broken_byte_base + lead;
    }
    if (text.size() - at <= more) {
        ++at;
        return broken_byte_base + lead;
    }
    for (std::size_t i = 1; i <= more; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) {
            ++at;
            return broken_byte_base + lead;
        }
        c = (c << 6U) | (byte(at + i) & 0x3FU);
    }
    // Longer than needed, or no character at all: as one, two names could be the same.
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (c < least[more] || c >= broken_byte_base) {
        ++at;
        return broken_byte_base + lead;
    }
    at += more + 1;
    return c;
}

inline std::u32string characters_of(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) out.push_back(next_character(text, at));
    return out;
}

inline void append_utf8(std::string& out, char32_t c) {
    const auto push = [&](char32_t b) {
        out.push_back(static_cast<char>(static_cast<unsigned char>(b)));
    };
    if (c >= broken_byte_base) {
        push(c - broken_byte_base);
    } else if (c < 0x80) {
        push(c);
    } else if (c < 0x800) {
        push(0xC0U | (c >> 6U));
        push(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        push(0xE0U | (c >> 12U));
        push(0x80U | ((c >> 6U) & 0x3FU));
        push(0x80U | (c & 0x3FU));
    } else {
        push(0xF0U | (c >> 18U));
        push(0x80U | ((c >> 12U) & 0x3FU));
        push(0x80U | ((c >> 6U) & 0x3FU));
        push(0x80U | (c & 0x3FU));
    }
}

/// A run of capital letters: all of it (step 1) or each second one (step 2) has its small letter
/// `add` further on.
struct letter_range {
    char32_t first;
    char32_t last;
    char32_t step;
    char32_t add;
};
inline constexpr letter_range letter_ranges[] = {
    {U'A', U'Z', 1, 32},   {0xC0, 0xD6, 1, 32},    {0xD8, 0xDE, 1, 32},    {0x100, 0x12E, 2, 1},
    {0x132, 0x136, 2, 1},  {0x139, 0x147, 2, 1},   {0x14A, 0x176, 2, 1},   {0x179, 0x17D, 2, 1},
    {0x386, 0x386, 1, 38}, {0x388, 0x38A, 1, 37},  {0x38C, 0x38C, 1, 64},  {0x38E, 0x38F, 1, 63},
    {0x391, 0x3A1, 1, 32}, {0x3A3, 0x3AB, 1, 32},  {0x400, 0x40F, 1, 80},  {0x410, 0x42F, 1, 32},
    {0x460, 0x480, 2, 1},  {0x48A, 0x4BE, 2, 1},   {0x4C1, 0x4CD, 2, 1},   {0x4D0, 0x52E, 2, 1},
    {0x531, 0x556, 1, 48}, {0x1E00, 0x1E94, 2, 1}, {0x1EA0, 0x1EFE, 2, 1}, {0xFF21, 0xFF3A, 1, 32},
};

inline char32_t fold_character(char32_t c) {
    if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
    if (c == 0x178) return 0xFF;
    for (const letter_range& r : letter_ranges) {
        if (c >= r.first && c <= r.last && (c - r.first) % r.step == 0) return c + r.add;
    }
    return c;
}

/// One step of a wildcard pattern.
struct glob_step {
    enum class kind : unsigned char { character, any_one, any_run, one_of };
    glob_step::kind what = kind::character;
    char32_t character = 0;
    bool negated = false;
    std::vector<std::pair<char32_t, char32_t>> ranges;

    bool takes(char32_t c) const {
        if (what == kind::character) return c == character;
        if (what == kind::any_one) return true;
        for (const auto& [first, last] : ranges) {
            if (c >= first && c <= last) return !negated;
        }
        return negated;
    }
};

/// Reads `[...]` that begins at `at`; moves `at` behind it. nullopt: there is no `]`, the bracket
/// stands for itself. `fault` is set where the class cannot match what its writer meant.
inline std::optional<glob_step> read_class(const std::u32string& text,
                                           std::size_t& at,
                                           const char*& fault) {
    const std::size_t close = text.find(U']', at);
    if (close == std::u32string::npos) return std::nullopt;
    glob_step step;
    step.what = glob_step::kind::one_of;
    std::size_t i = at + 1;
    if (i + 1 < close && text[i] == U'!') {  // "[!]" is the character itself
        step.negated = true;
        ++i;
    }
    while (i < close) {
        if (i + 2 < close && text[i + 1] == U'-') {
            if (text[i] > text[i + 2]) fault = "a range in [...] runs backwards";
            step.ranges.emplace_back(text[i], text[i + 2]);
            i += 3;
        } else {
            step.ranges.emplace_back(text[i], text[i]);
            ++i;
        }
    }
    if (step.ranges.empty()) fault = "[] matches nothing; write [[] for a bracket";
    at = close + 1;
    return step;
}

inline std::vector<glob_step> compile_glob(const std::u32string& text, const char*& fault) {
    std::vector<glob_step> steps;
    for (std::size_t at = 0; at < text.size();) {
        glob_step step;
        if (text[at] == U'*') {
            step.what = glob_step::kind::any_run;
            ++at;
            if (!steps.empty() && steps.back().what == step.what) continue;
        } else if (text[at] == U'?') {
            step.what = glob_step::kind::any_one;
            ++at;
        } else {
            std::optional<glob_step> one_of;
            if (text[at] == U'[') one_of = read_class(text, at, fault);
            if (one_of) {
                step = std::move(*one_of);
            } else {
                step.character = text[at];
                ++at;
            }
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

/// Whole-name match; goes back at most to the last `*`, so the time is at most name * pattern.
inline bool glob_matches(const std::vector<glob_step>& steps, const std::u32string& name) {
    std::size_t s = 0;
    std::size_t n = 0;
    std::size_t star = std::u32string::npos;
    std::size_t resume = 0;
    while (n < name.size()) {
        if (s < steps.size() && steps[s].what == glob_step::kind::any_run) {
            star = s++;
            resume = n;
        } else if (s < steps.size() && steps[s].takes(name[n])) {
            ++s;
            ++n;
        } else if (star != std::u32string::npos) {
            s = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (s < steps.size() && steps[s].what == glob_step::kind::any_run) ++s;
    return s == steps.size();
}

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
