// How texts compare under the collations whose weights are known here.
#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/model/detail/utf8.hpp>
#include <dmlib/model/detail/weight_table.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

inline text_character next_character(std::string_view s, bool utf8) noexcept {
    if (utf8) return next_utf8(s);
    return {static_cast<unsigned char>(s[0]), 1};
}

inline bool is_ascii_text(std::string_view s) noexcept {
    return std::all_of(s.begin(), s.end(), [](char c) { return (c & 0x80) == 0; });
}

/// The weights of one character.
struct character_weights {
    std::uint32_t first = 0;  ///< where `count` is 1
    std::span<const std::uint16_t> many{};
    std::uint16_t step = 0;  ///< added to the last
    std::uint32_t count = 1;

    std::uint32_t at(std::uint32_t i) const noexcept {
        if (many.empty()) return i == 0 ? first : first_next;
        return many[i] + (i + 1 == count ? step : 0U);
    }
    std::uint32_t first_next = 0;  ///< computed weights come in pairs
    bool operator==(const character_weights& o) const noexcept {
        if (count != o.count) return false;
        for (std::uint32_t i = 0; i < count; ++i) {
            if (at(i) != o.at(i)) return false;
        }
        return true;
    }
};

inline std::optional<character_weights> find_weights(std::span<const weight_run> runs,
                                                     std::uint32_t point) noexcept {
    const auto after =
        std::upper_bound(runs.begin(), runs.end(), point, [](std::uint32_t p, const weight_run& r) {
            return p < r.first;
        });
    if (after == runs.begin()) return std::nullopt;
    const weight_run& run = *(after - 1);
    const std::uint32_t offset = point - run.first;
    if (offset >= run.count) return std::nullopt;
    character_weights w;
    w.count = run.length;
    w.many = {weight_pool + run.at, run.length};
    w.step = static_cast<std::uint16_t>(offset * run.step);
    return w;
}

/// An order of texts.
class text_order {
public:
    /// single: one byte, one weight. unicode: weights of characters up to U+FFFF, the others are
    /// equal; unicode_520: weights of all characters.
    enum class kind : std::uint8_t { none, bytes, general, single, unicode, unicode_520, uca_0900 };

    text_order() = default;
    /// kind::none for collations whose weights are not known here.
    static text_order of(std::string_view collation) {
        text_order o;
        const collation_info* info = find_collation(collation);
        if (info == nullptr) return o;
        o.name_ = info->name;
        o.pads_ = info->pad == pad_attribute::space && info->name != "binary";
        o.utf8_ = info->charset == "utf8mb4" || info->charset == "utf8mb3";
        const bool single =
            info->charset == "latin1" || info->charset == "ascii" || info->charset == "binary";
        if (info->is_binary() && (o.utf8_ || single)) {
            o.kind_ = kind::bytes;
        } else if (info->name == "utf8mb4_general_ci" || info->name == "utf8mb3_general_ci" ||
                   info->name == "ascii_general_ci") {
            o.kind_ = kind::general;
        } else if (info->name == "utf8mb4_unicode_ci" || info->name == "utf8mb3_unicode_ci") {
            o.kind_ = kind::unicode;
        } else if (info->name == "utf8mb4_unicode_520_ci" ||
                   info->name == "utf8mb3_unicode_520_ci") {
            o.kind_ = kind::unicode_520;
        } else if (info->name == "utf8mb4_0900_ai_ci") {
            o.kind_ = kind::uca_0900;
        } else {
            o.single_ = single_byte_runs(info->name);
            if (!o.single_.empty()) o.kind_ = kind::single;
        }
        if (const auto space = o.weights(' ')) o.space_ = space->at(0);
        return o;
    }

    kind what() const noexcept { return kind_; }
    bool known() const noexcept { return kind_ != kind::none; }
    bool utf8() const noexcept { return utf8_; }
    std::string_view name() const noexcept { return name_; }

    /// Nothing: a character of which this order cannot be sure.
    std::optional<character_weights> weights(std::uint32_t point) const noexcept {
        character_weights w;
        w.first = point;
        switch (kind_) {
            case kind::none:
                return std::nullopt;
            case kind::bytes:
                return w;
            case kind::general:
                if (point > 0xffff) {
                    w.first = 0xfffd;
                    return w;
                }
                return find_weights(general_runs, point).value_or(w);
            case kind::single:
                return find_weights(single_, point);
            case kind::unicode:
                if (point > 0xffff) {
                    w.first = 0xfffd;
                    return w;
                }
                return find_weights(unicode_runs, point);
            case kind::unicode_520:
                return find_weights(unicode_520_runs, point);
            case kind::uca_0900:
                return uca_weights(point);
        }
        return std::nullopt;
    }

    /// Below 0, 0, above 0; nothing where it cannot be sure.
    std::optional<int> compare(std::string_view a, std::string_view b) const {
        if (kind_ == kind::bytes) return compare_bytes(a, b);
        cursor x{*this, a};
        cursor y{*this, b};
        for (;;) {
            auto p = x.next();
            auto q = y.next();
            if (x.broken || y.broken) return std::nullopt;
            if (!p && !q) return 0;
            if (!pads_ && (!p || !q)) return p ? 1 : -1;
            const std::uint32_t l = p.value_or(space_);
            const std::uint32_t r = q.value_or(space_);
            if (l != r) return l < r ? -1 : 1;
        }
    }

    /// Gives each weight to `take`, without those of spaces at the end where they do not count:
    /// texts that are equal give the same. `characters`: only the first of them, 0 = all. False
    /// where it cannot be sure. Not for kind::bytes.
    template <class Take>
    bool each_weight(std::string_view s, std::uint32_t characters, const Take& take) const {
        std::uint32_t spaces = 0;
        for (std::uint32_t n = 0; !s.empty() && (characters == 0 || n < characters); ++n) {
            const text_character c = next_character(s, utf8_);
            const auto w = c.size == 0 ? std::nullopt : weights(c.point);
            if (!w) return false;
            s.remove_prefix(c.size);
            for (std::uint32_t i = 0; i < w->count; ++i) {
                const std::uint32_t weight = w->at(i);
                if (pads_ && weight == space_) {
                    ++spaces;
                    continue;
                }
                for (; spaces > 0; --spaces) take(space_);
                take(weight);
            }
        }
        return true;
    }

private:
    static std::span<const weight_run> single_byte_runs(std::string_view collation) noexcept {
        struct entry {
            std::string_view name;
            std::span<const weight_run> runs;
        };
        const entry table[] = {{"latin1_swedish_ci", latin1_swedish_runs},
                               {"latin1_general_ci", latin1_general_ci_runs},
                               {"latin1_general_cs", latin1_general_cs_runs},
                               {"latin1_german1_ci", latin1_german1_runs},
                               {"latin1_spanish_ci", latin1_spanish_runs},
                               {"latin1_danish_ci", latin1_danish_runs}};
        const auto* at = std::find_if(std::begin(table), std::end(table), [&](const entry& x) {
            return x.name == collation;
        });
        return at == std::end(table) ? std::span<const weight_run>{} : at->runs;
    }

    static std::optional<character_weights> uca_weights(std::uint32_t point) noexcept {
        const bool ideograph =
            (point >= 0x4e00 && point <= 0x9fd5) || (point >= 0x3400 && point <= 0x4db5);
        if (ideograph) {
            character_weights w;
            w.first = (point >= 0x4e00 ? 0xfb40U : 0xfb80U) + (point >> 15);
            w.first_next = (point & 0x7fff) | 0x8000;
            w.count = 2;
            return w;
        }
        return find_weights(uca_0900_runs, point);
    }

    int compare_bytes(std::string_view a, std::string_view b) const noexcept {
        const std::size_t common = std::min(a.size(), b.size());
        const int order = a.substr(0, common).compare(b.substr(0, common));
        if (order != 0 || a.size() == b.size()) return order;
        if (!pads_) return a.size() < b.size() ? -1 : 1;
        const bool left_longer = a.size() > b.size();
        for (const char c : (left_longer ? a : b).substr(common)) {
            if (c == ' ') continue;
            const bool longer_is_more = static_cast<unsigned char>(c) > ' ';
            return longer_is_more == left_longer ? 1 : -1;
        }
        return 0;
    }

    // Walks over the weights of a text.
    struct cursor {
        const text_order& order;
        std::string_view rest;
        character_weights now{};
        std::uint32_t at = 0;
        bool started = false;
        bool broken = false;

        std::optional<std::uint32_t> next() {
            while (!started || at >= now.count) {
                if (rest.empty()) return std::nullopt;
                const text_character c = next_character(rest, order.utf8_);
                const auto w = c.size == 0 ? std::nullopt : order.weights(c.point);
                if (!w) {
                    broken = true;
                    return std::nullopt;
                }
                rest.remove_prefix(c.size);
                now = *w;
                at = 0;
                started = true;
            }
            return now.at(at++);
        }
    };

    kind kind_ = kind::none;
    bool pads_ = true;
    bool utf8_ = false;
    std::uint32_t space_ = ' ';  ///< its weight, where texts are padded
    std::span<const weight_run> single_{};
    std::string_view name_{};
};

}  // namespace internal
}  // namespace DMLIB_ABI
}  // namespace dmlib
