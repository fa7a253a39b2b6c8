#pragma once

#include <dmlib/config/convert.hpp>
#include <dmlib/config/impl/internal/converter.hpp>
#include <dmlib/config/impl/internal/toml_reader.hpp>
#include <dmlib/config/impl/internal/yaml_writer.hpp>

#include <map>
#include <optional>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// Nothing where `out.problems` says why.
inline std::optional<edit_node> read_editable(std::string_view text,
                                              bool toml,
                                              problem_list& problems) {
    const load_options limits;
    if (toml) {
        if (text.size() > limits.max_bytes) {
            problems.fault(errc::internal_limit,
                           {},
                           "larger than " + std::to_string(limits.max_bytes) + " bytes");
            return std::nullopt;
        }
        if (!check_characters(text, problems)) return std::nullopt;
        try {
            return toml_reader(text).read();
        } catch (const toml_reader::fault& f) {
            problems.fault(
                errc::config_yaml, f.at, "not valid TOML: " + f.message, "Correct the line named.");
            return std::nullopt;
        }
    }
    const node_ptr root = parse_yaml(text, limits, problems, true);
    if (!root) return std::nullopt;
    return editable(*root);
}

inline void tell_variables(const edit_node& n, std::vector<conversion_note>& notes) {
    const std::size_t at = n.text.find("${");
    if (n.is_scalar() && at != std::string::npos && (at == 0 || n.text[at - 1] != '$')) {
        notes.push_back({n.place,
                         "a value has ${...} in it: that is the text of an environment variable "
                         "here; write $${ where the characters themselves are meant",
                         true});
    }
    for (const edit_entry& e : n.entries) tell_variables(e.value, notes);
    for (const edit_node& i : n.items) tell_variables(i, notes);
}

// Not stable_sort: g++ 12's is built on something that clang 19 calls deprecated.
inline std::vector<conversion_note> in_file_order(std::vector<conversion_note> notes) {
    std::multimap<int, conversion_note> ordered;
    for (conversion_note& n : notes) ordered.emplace(n.place.line, std::move(n));
    notes.clear();
    for (auto& [line, n] : ordered) notes.push_back(std::move(n));
    return notes;
}

inline conversion convert_once(std::string_view file_name,
                               std::string_view text,
                               const convert_options& options) {
    conversion out;
    problem_list problems(std::string(file_name), load_options{}.max_problems);
    // A byte order mark is no part of the first line.
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const bool toml = looks_like_toml(text);
    auto root = read_editable(text, toml, problems);
    out.problems = problems.take();
    if (!root && out.problems.empty()) {
        problems.fault(errc::config_yaml, {1, 1}, "the file is empty");
        out.problems = problems.take();
    }
    if (!out.ok()) return out;
    const auto neither = [&] {
        problems.fault(errc::config_yaml,
                       root->place,
                       "neither a task file nor a source file",
                       "A task file has mysql-instances, a source file has from.");
        out.problems = problems.take();
        return out;
    };
    if (!root->is_map() || root->entries.empty()) return neither();
    const bool source = root->find("mysql-instances") == nullptr &&
                        root->find("task-mode") == nullptr &&
                        (root->find("from") != nullptr || root->find("source-id") != nullptr);
    if (toml && !source) {
        problems.fault(errc::config_yaml,
                       root->place,
                       "not the file of a worker of DM 1.x, which alone is TOML",
                       "A worker's file has source-id and from; task files are YAML.");
        out.problems = problems.take();
        return out;
    }
    out.kind = source ? file_kind::source : file_kind::task;
    converter c(options, out.notes);
    if (toml) {
        c.worker(*root);
    } else if (source) {
        c.source(*root);
    } else {
        c.task(*root);
    }
    if (root->entries.empty()) return neither();  // it only had keys that nobody needs
    tell_variables(*root, out.notes);
    out.notes = in_file_order(std::move(out.notes));
    out.text = yaml_writer(text).write(*root);
    return out;
}

}  // namespace internal

DMLIB_DECL conversion convert_file(std::string_view file_name,
                                   std::string_view text,
                                   const convert_options& options) {
    conversion out = internal::convert_once(file_name, text, options);
    if (!out.ok()) return out;
    // What comes out is current: it reads back, and there is nothing left to convert.
    const conversion again = internal::convert_once(file_name, out.text, options);
    if (again.ok() && again.kind == out.kind && again.text == out.text) return out;
    internal::problem_list problems(std::string(file_name), load_options{}.max_problems);
    problems.fault(errc::internal_bug,
                   {1, 1},
                   "the conversion of this file is wrong: the result does not read back as it is",
                   "Bring the file to the current form by hand (docs/configuration.md), and "
                   "please report it.");
    out.problems = problems.take();
    out.text.clear();
    return out;
}

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
