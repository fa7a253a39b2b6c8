#pragma once

#include <dmlib/transform/impl/internal/glob.hpp>
#include <dmlib/transform/pattern.hpp>

#include <re2/re2.h>

#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace internal {

/// Longest pattern that is compiled; names of schemas and tables have at most 64 characters.
inline constexpr std::size_t max_pattern_bytes = 16'384;

inline error bad_pattern(std::string_view text, std::string_view why) {
    error e(errc::config_rule,
            "pattern '" + std::string(text.substr(0, 200)) + "': " + std::string(why));
    e.workaround(
        "Wildcards are *, ?, [a-z] and [!a-z]; a regular expression begins with ~ and has "
        "RE2's syntax (no look-around, no back references).");
    return e;
}

inline result<std::shared_ptr<const re2::RE2>> compile_regex(std::string_view text,
                                                             bool case_sensitive) {
    if (text.size() > max_pattern_bytes) return bad_pattern(text, "longer than 16 KiB");
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(case_sensitive);
    options.set_max_mem(std::int64_t{8} << 20);
    auto re = std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (!re->ok()) return bad_pattern(text, "not a regular expression: " + re->error());
    return std::shared_ptr<const re2::RE2>(std::move(re));
}

}  // namespace internal

DMLIB_DECL std::string fold_case(std::string_view name) {
    std::string out;
    out.reserve(name.size());
    for (std::size_t at = 0; at < name.size();) {
        internal::append_utf8(out, internal::fold_character(internal::next_character(name, at)));
    }
    return out;
}

struct name_pattern::compiled {
    std::shared_ptr<const re2::RE2> regex;
    std::vector<internal::glob_step> steps;
    bool case_sensitive = false;
};

DMLIB_DECL result<name_pattern> name_pattern::compile(std::string_view text, bool case_sensitive) {
    if (text.empty()) return internal::bad_pattern(text, "it is empty");
    auto c = std::make_shared<compiled>();
    c->case_sensitive = case_sensitive;
    if (text.front() == '~') {
        auto re = internal::compile_regex(text.substr(1), case_sensitive);
        if (!re) return re.error();
        c->regex = std::move(*re);
    } else {
        if (text.size() > internal::max_pattern_bytes) {
            return internal::bad_pattern(text, "longer than 16 KiB");
        }
        const char* fault = nullptr;
        const std::u32string characters =
            internal::characters_of(case_sensitive ? std::string(text) : fold_case(text));
        c->steps = internal::compile_glob(characters, fault);
        if (fault != nullptr) return internal::bad_pattern(text, fault);
    }
    name_pattern p;
    p.text_ = std::string(text);
    p.compiled_ = std::move(c);
    return p;
}

DMLIB_DECL bool name_pattern::matches(std::string_view name) const {
    if (!compiled_) return true;
    if (compiled_->regex) {
        return re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()),
                                      *compiled_->regex);
    }
    std::u32string characters = internal::characters_of(name);
    if (!compiled_->case_sensitive) {
        for (char32_t& c : characters) c = internal::fold_character(c);
    }
    return internal::glob_matches(compiled_->steps, characters);
}

DMLIB_DECL bool name_pattern::is_literal() const noexcept {
    if (!compiled_ || compiled_->regex) return false;
    for (const internal::glob_step& step : compiled_->steps) {
        if (step.what != internal::glob_step::kind::character) return false;
    }
    return true;
}

struct text_regex::compiled {
    std::shared_ptr<const re2::RE2> regex;
};

DMLIB_DECL result<text_regex> text_regex::compile(std::string_view text, bool case_sensitive) {
    if (text.empty()) return internal::bad_pattern(text, "it is empty");
    auto re = internal::compile_regex(text, case_sensitive);
    if (!re) return re.error();
    text_regex out;
    out.text_ = std::string(text);
    auto c = std::make_shared<compiled>();
    c->regex = std::move(*re);
    out.compiled_ = std::move(c);
    return out;
}

DMLIB_DECL bool text_regex::found_in(std::string_view subject) const {
    return compiled_ && re2::RE2::PartialMatch(re2::StringPiece(subject.data(), subject.size()),
                                               *compiled_->regex);
}

DMLIB_DECL std::string text_regex::captures(std::string_view subject) const {
    if (!compiled_) return {};
    const int groups = compiled_->regex->NumberOfCapturingGroups();
    std::vector<re2::StringPiece> found(static_cast<std::size_t>(groups) + 1);
    const re2::StringPiece text(subject.data(), subject.size());
    if (!compiled_->regex->Match(
            text, 0, text.size(), re2::RE2::UNANCHORED, found.data(), groups + 1)) {
        return {};
    }
    std::string out;
    for (std::size_t i = 1; i < found.size(); ++i) out.append(found[i].data(), found[i].size());
    return out;
}

DMLIB_DECL int text_regex::groups() const noexcept {
    return compiled_ ? compiled_->regex->NumberOfCapturingGroups() : 0;
}

DMLIB_DECL std::string to_string(const rule_place& place) {
    if (place.line == 0) return {};
    return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

DMLIB_DECL std::string text_behind(const rule_place& place) {
    return place.line == 0 ? std::string() : " (" + to_string(place) + ")";
}

DMLIB_DECL table_pattern parse_table_pattern(std::string_view text) {
    table_pattern out;
    std::string* part = &out.schema;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`' && part->empty()) {  // `a.b`, a backquote inside is doubled
            for (++i; i < text.size(); ++i) {
                if (text[i] != '`') {
                    part->push_back(text[i]);
                } else if (i + 1 < text.size() && text[i + 1] == '`') {
                    part->push_back('`');
                    ++i;
                } else {
                    break;
                }
            }
        } else if (text[i] == '.' && part == &out.schema) {
            part = &out.table;
        } else {
            part->push_back(text[i]);
        }
    }
    return out;
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
