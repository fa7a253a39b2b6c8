// Checks a tree against the table of keys: unknown keys, types, ranges, keys without effect.
#pragma once

#include <dmlib/config/impl/internal/key_table.hpp>
#include <dmlib/config/impl/internal/scalars.hpp>
#include <dmlib/config/impl/internal/yaml_tree.hpp>
#include <dmlib/transform/event_kind.hpp>
#include <dmlib/transform/pattern.hpp>

#include <limits>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

inline const key_row* find_row(std::string_view block, std::string_view key) noexcept {
    for (const key_row& row : key_table) {
        if (row.block == block && row.key == key) return &row;
    }
    return nullptr;
}

/// The unit of a bare number of a size.
inline std::uint64_t unit_bytes(const key_row& row) noexcept {
    return row.unit == "MiB"   ? std::uint64_t{1} << 20U
           : row.unit == "GiB" ? std::uint64_t{1} << 30U
                               : 1;
}

inline std::string printed(std::string_view text) {
    std::string out = "'";
    for (const char c : text.substr(0, 60)) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        out.push_back(control ? '?' : c);
    }
    return out + (text.size() > 60 ? "...'" : "'");
}

inline std::vector<std::string_view> words_of(std::string_view range) {
    std::vector<std::string_view> out;
    while (!range.empty()) {
        const std::size_t bar = range.find('|');
        out.push_back(range.substr(0, bar));
        range = bar == std::string_view::npos ? std::string_view() : range.substr(bar + 1);
    }
    return out;
}

inline std::string list_of_words(std::string_view range) {
    std::string out;
    for (const std::string_view w : words_of(range))
        out += (out.empty() ? "" : ", ") + std::string(w);
    return out;
}

/// "a..b" -> its ends; an end that is left out does not bound.
struct bounds {
    std::int64_t low = std::numeric_limits<std::int64_t>::min();
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
};
inline bounds bounds_of(std::string_view range) {
    bounds b;
    const std::size_t dots = range.find("..");
    if (dots == std::string_view::npos) return b;
    if (const auto low = read_int(range.substr(0, dots))) b.low = *low;
    std::string_view high = range.substr(dots + 2);
    if (const std::size_t space = high.find(' '); space != std::string_view::npos)
        high = high.substr(0, space);
    if (const auto h = read_int(high)) b.high = *h;
    return b;
}

/// True where the value says what the default says, or nothing.
inline bool is_standard(const key_row& row, const yaml_node& value) {
    if (value.empty()) return true;
    if (value.what != yaml_node::kind::scalar) return false;
    switch (row.type) {
        case key_type::bool_:
            return read_bool(value.text) == read_bool(row.standard);
        case key_type::int_:
            return read_int(value.text) == read_int(row.standard);
        case key_type::float_:
            return read_float(value.text) == read_float(row.standard);
        case key_type::size_:
            return read_size(value.text, unit_bytes(row)) ==
                   read_size(row.standard, unit_bytes(row));
        case key_type::duration_:
            return read_duration(value.text) == read_duration(row.standard);
        case key_type::word_:
            return fold_case(value.text) == fold_case(row.standard);
        default:
            return value.text == row.standard;
    }
}

class key_checker {
public:
    explicit key_checker(problem_list& problems) : problems_(problems) {}

    /// A map against the rows of a block; `path` is its name in messages ("" = the file).
    void check_block(const yaml_node& node,
                     std::string_view block,
                     const std::string& path,
                     const mark& at) {
        if (node.what != yaml_node::kind::map) {
            problems_.fault(errc::config_bad_value,
                            at,
                            (path.empty() ? "the file" : path) + " has to hold keys and values");
            return;
        }
        for (const yaml_entry& e : node.entries) check_entry(e, block, path);
        for (const key_row& row : key_table) {
            if (row.block != block || row.standard != required_key) continue;
            const yaml_entry* e = node.find(row.key);
            if (e != nullptr && !is_missing(*e)) continue;
            problems_.fault(errc::config_missing_key,
                            e != nullptr ? e->place : at,
                            (path.empty() ? "" : path + ": ") + "key '" + std::string(row.key) +
                                "' is missing" + (path.empty() ? " at the top of the file" : ""),
                            "Add it: " + std::string(row.sentence));
        }
    }

private:
    static bool is_missing(const yaml_entry& e) {
        return e.value->what == yaml_node::kind::null ||
               (e.value->what != yaml_node::kind::map && e.value->empty());
    }
    static std::string joined(const std::string& path, std::string_view key) {
        return path.empty() ? std::string(key) : path + "." + std::string(key);
    }

    void check_entry(const yaml_entry& e, std::string_view block, const std::string& path) {
        const key_row* row = find_row(block, e.key);
        const std::string name = joined(path, e.key.substr(0, 100));
        if (row == nullptr) {
            unknown_key(e, block, name);
            return;
        }
        const yaml_node& value = *e.value;
        if (value.what == yaml_node::kind::null) {
            if (row->type == key_type::secret_ && value.anchored) {
                problems_.fault(errc::config_bad_value,
                                e.place,
                                name + " begins with &, which YAML takes for an anchor",
                                "Put the value into quotes.");
            }
            return;
        }
        if (!check_value(*row, value, name, value.place)) return;
        check_state(*row, e, name);
    }

    void unknown_key(const yaml_entry& e, std::string_view block, const std::string& name) {
        std::vector<std::string_view> known;
        for (const key_row& row : key_table) {
            if (row.block == block) known.push_back(row.key);
        }
        const std::string near = did_you_mean(e.key, known);
        problems_.fault(errc::config_unknown_key,
                        e.place,
                        "unknown key '" + name + "'",
                        near.empty() ? "docs/configuration.md lists the keys of each block."
                                     : "Did you mean '" + near + "'?");
    }

    void check_state(const key_row& row, const yaml_entry& e, const std::string& name) {
        switch (row.state) {
            case key_state::supported:
                return;
            case key_state::no_effect:
                problems_.warning(e.place,
                                  name + " has no effect. " + std::string(row.sentence),
                                  "Remove the key.");
                return;
            case key_state::unused:
                if (!is_standard(row, *e.value)) {
                    problems_.warning(e.place,
                                      name + " has no effect here. " + std::string(row.sentence),
                                      "Remove the key.");
                }
                return;
            case key_state::not_supported_yet:
                if (is_standard(row, *e.value)) return;
                problems_.fault(
                    errc::config_not_supported,
                    e.place,
                    name + " is not supported yet: " + std::string(row.sentence),
                    "Remove the key" + (row.standard.empty() || row.standard == required_key
                                            ? std::string(".")
                                            : ", or set it to " + std::string(row.standard) + "."));
                return;
            case key_state::removed:
                problems_.fault(errc::config_unknown_key,
                                e.place,
                                name + " was removed. " + std::string(row.sentence),
                                "Remove the key.");
                return;
        }
    }

    bool bad(const std::string& name,
             const mark& at,
             std::string why,
             std::string way_out,
             errc code = errc::config_bad_value) {
        problems_.fault(code, at, name + ": " + std::move(why), std::move(way_out));
        return false;
    }

    bool check_value(const key_row& row,
                     const yaml_node& value,
                     const std::string& name,
                     const mark& at) {
        switch (row.type) {
            case key_type::any_:
                return true;
            case key_type::block_:
                check_block(value, row.of, name, at);
                return true;
            case key_type::map_:
                return check_map(row, value, name, at);
            case key_type::list_:
                return check_list(row, value, name, at);
            case key_type::strings_:
            case key_type::patterns_:
                return check_strings(row, value, name, at);
            case key_type::texts_:
                return check_texts(value, name, at);
            default:
                break;
        }
        if (value.what != yaml_node::kind::scalar) {
            return bad(name,
                       at,
                       "takes one value, not a " +
                           std::string(value.what == yaml_node::kind::map ? "map" : "list"),
                       "Write it as 'key: value'.");
        }
        return check_scalar(row, value, name, at);
    }

    bool check_map(const key_row& row,
                   const yaml_node& value,
                   const std::string& name,
                   const mark& at) {
        if (value.what != yaml_node::kind::map) {
            return value.empty() ||
                   bad(name, at, "takes blocks with names", "Write a name, and the keys below it.");
        }
        for (const yaml_entry& e : value.entries) {
            // A block without a key is DM's way to say "all defaults".
            if (e.value->what == yaml_node::kind::null && !has_required(row.of)) continue;
            check_block(*e.value, row.of, name + "." + e.key.substr(0, 100), e.place);
        }
        return true;
    }
    static bool has_required(std::string_view block) {
        return std::any_of(std::begin(key_table), std::end(key_table), [&](const key_row& r) {
            return r.block == block && r.standard == required_key;
        });
    }
    bool check_list(const key_row& row,
                    const yaml_node& value,
                    const std::string& name,
                    const mark& at) {
        if (value.what != yaml_node::kind::list) {
            return value.empty() || bad(name, at, "takes a list", "Begin each entry with '- '.");
        }
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            check_block(*value.items[i],
                        row.of,
                        name + "[" + std::to_string(i) + "]",
                        value.items[i]->place);
        }
        return true;
    }
    bool check_strings(const key_row& row,
                       const yaml_node& value,
                       const std::string& name,
                       const mark& at) {
        if (value.what != yaml_node::kind::list) {
            return value.empty() ||
                   bad(name, at, "takes a list of texts", "Write it as [\"a\", \"b\"].");
        }
        bool good = true;
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            const yaml_node& item = *value.items[i];
            const std::string entry = name + "[" + std::to_string(i) + "]";
            if (item.what != yaml_node::kind::scalar) {
                good = bad(entry, item.place, "takes one text", "Write it as [\"a\", \"b\"].");
            } else if (row.type == key_type::patterns_) {
                good =
                    check_rule(name_pattern::compile(item.text, false), entry, item.place) && good;
            } else if (row.key == "events") {
                good = check_rule(event_set::parse({item.text}), entry, item.place) && good;
                if (const auto kind = parse_event_kind(item.text); kind && !is_told_apart(*kind)) {
                    problems_.warning(item.place,
                                      entry + ": no statement of MySQL or MariaDB counts as '" +
                                          item.text + "', so this name has no effect",
                                      "Only TiDB has such statements: leave the name out.");
                }
            } else if (row.key == "sql-pattern") {
                good = check_rule(text_regex::compile(item.text, false), entry, item.place) && good;
            }
        }
        return good;
    }
    bool check_texts(const yaml_node& value, const std::string& name, const mark& at) {
        if (value.what != yaml_node::kind::map) {
            return value.empty() ||
                   bad(name, at, "takes names and values", "Write it as 'sql_mode: \"...\"'.");
        }
        bool good = true;
        for (const yaml_entry& e : value.entries) {
            if (e.value->what == yaml_node::kind::scalar || e.value->what == yaml_node::kind::null)
                continue;
            good = bad(name + "." + e.key.substr(0, 100),
                       e.place,
                       "takes one value",
                       "Write it as 'name: value'.");
        }
        return good;
    }
    template <class T>
    bool check_rule(const result<T>& r, const std::string& name, const mark& at) {
        return r.has_value() ||
               bad(name, at, r.error().message(), r.error().workaround(), r.error().code());
    }

    /// The regular expressions of extract-table and its like: what they find is what the groups do.
    bool check_extract(const std::string& text, const std::string& name, const mark& at) {
        const auto compiled = text_regex::compile(text, false);
        if (!check_rule(compiled, name, at)) return false;
        return compiled->groups() > 0 ||
               bad(name,
                   at,
                   printed(text) + " has no group, so nothing would be extracted",
                   "Put parentheses around the part that the column is to hold.",
                   errc::config_rule);
    }

    bool check_scalar(const key_row& row,
                      const yaml_node& value,
                      const std::string& name,
                      const mark& at) {
        const std::string& text = value.text;
        if (text.empty()) {  // says nothing; where something is required, that is told
            return true;
        }
        switch (row.type) {
            case key_type::bool_:
                return read_bool(text) || bad(name,
                                              at,
                                              printed(text) + " is neither true nor false",
                                              "Write true or false.");
            case key_type::int_:
                return check_int(row, text, name, at);
            case key_type::float_:
                return read_float(text) || bad(name,
                                               at,
                                               printed(text) + " is not a number",
                                               "Write a number such as 2 or 1.5.");
            case key_type::word_:
                return check_word(row, text, name, at);
            case key_type::size_:
                return read_size(text, unit_bytes(row)) ||
                       bad(name,
                           at,
                           printed(text) + " is not a size",
                           "Write a number, with K, M or G behind it where needed: 64M.");
            case key_type::duration_:
                return read_duration(text) || bad(name,
                                                  at,
                                                  printed(text) + " is not a duration",
                                                  "Write it as 10s, 5m or 1h30m.");
            case key_type::pattern_:
                return check_rule(name_pattern::compile(text, false), name, at);
            case key_type::regex_:
                return check_extract(text, name, at);
            case key_type::base64_:
                return check_pem(read_base64(text), name, at);
            case key_type::pem_:
                return check_pem(value.binary ? read_base64(text) : std::optional(text), name, at);
            case key_type::string_:
                return check_length(row, text, name, at);
            default:
                return true;
        }
    }
    bool check_int(const key_row& row,
                   const std::string& text,
                   const std::string& name,
                   const mark& at) {
        const auto n = read_int(text);
        const bounds b = bounds_of(row.range);
        const std::string most =
            b.high == std::numeric_limits<std::int64_t>::max() ? "" : std::to_string(b.high);
        const std::string way_out =
            "Write a whole number" +
            (row.range.empty() ? std::string()
             : most.empty()    ? " of at least " + std::to_string(b.low)
                               : " from " + std::to_string(b.low) + " to " + most) +
            ".";
        if (!n) return bad(name, at, printed(text) + " is not a whole number", way_out);
        if (*n < b.low || *n > b.high)
            return bad(name, at, printed(text) + " is out of range", way_out);
        return true;
    }
    bool check_word(const key_row& row,
                    const std::string& text,
                    const std::string& name,
                    const mark& at) {
        const auto words = words_of(row.range);
        for (const std::string_view w : words) {
            if (fold_case(w) == fold_case(text)) return true;
        }
        const std::string near = did_you_mean(text, words);
        return bad(name,
                   at,
                   printed(text) + " is not one of " + list_of_words(row.range),
                   near.empty() ? "Write one of these words." : "Did you mean '" + near + "'?");
    }
    bool check_length(const key_row& row,
                      const std::string& text,
                      const std::string& name,
                      const mark& at) {
        if (text.find('\0') != std::string::npos)
            return bad(name, at, "holds a zero byte", "Remove it.");
        // The checkpoint's columns compare without blanks at the end.
        if (row.key == "source-id" && (text.starts_with(' ') || text.ends_with(' ')))
            return bad(name, at, "begins or ends with a blank", "Remove the blank.");
        if (!row.range.ends_with(" characters")) return true;
        const auto most = static_cast<std::size_t>(bounds_of(row.range).high);
        std::size_t characters = 0;
        for (const char c : text)
            characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
        return characters <= most || bad(name,
                                         at,
                                         "longer than " + std::to_string(most) + " characters",
                                         "Choose a shorter text.");
    }
    bool check_pem(const std::optional<std::string>& pem, const std::string& name, const mark& at) {
        if (pem && pem->find("-----BEGIN ") != std::string::npos) return true;
        return bad(name,
                   at,
                   pem ? "holds no PEM text" : "is not base64",
                   "PEM text begins with -----BEGIN.");
    }

    problem_list& problems_;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
