// YAML text -> a tree with places. Aliases share nodes; their expansion is counted and bounded.
#pragma once

#include <dmlib/config/load.hpp>
#include <dmlib/config/problem.hpp>
#include <dmlib/model/detail/utf8.hpp>
#include <dmlib/transform/pattern.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstddef>
#include <istream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <streambuf>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// Collects problems of one file.
class problem_list {
public:
    problem_list(std::string file, std::size_t most) : file_(std::move(file)), most_(most) {}

    void add(config::severity level,
             errc code,
             const mark& at,
             std::string message,
             std::string way_out) {
        if (problems_.size() >= most_) {
            ++left_out_;
            left_out_error_ = left_out_error_ || level == config::severity::error;
            return;
        }
        error e(code, std::move(message));
        if (!way_out.empty()) e.workaround(std::move(way_out));
        e.config_place(file_, at.line, at.column);
        problems_.push_back({std::move(e), level});
    }
    void fault(errc code, const mark& at, std::string message, std::string way_out = {}) {
        add(config::severity::error, code, at, std::move(message), std::move(way_out));
    }
    void warning(const mark& at, std::string message, std::string way_out = {}) {
        add(config::severity::warning,
            errc::config_deprecated_key,
            at,
            std::move(message),
            std::move(way_out));
    }
    void put(problem p) { problems_.push_back(std::move(p)); }
    rule_place place(const mark& at) const { return {file_, at.line, at.column}; }

    /// In the order of the file.
    std::vector<problem> take() {
        // Not stable_sort: g++ 12's is built on something that clang 19 calls deprecated.
        std::vector<std::size_t> order(problems_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            const error_place& x = problems_[a].what.place();
            const error_place& y = problems_[b].what.place();
            return std::tuple(x.line, x.column, a) < std::tuple(y.line, y.column, b);
        });
        std::vector<problem> sorted;
        for (const std::size_t i : order) sorted.push_back(std::move(problems_[i]));
        problems_ = std::move(sorted);
        // A block that several instances share would tell its problems more than once.
        const auto same = [](const problem& a, const problem& b) {
            return a.what.place().line == b.what.place().line &&
                   a.what.place().column == b.what.place().column &&
                   a.what.message() == b.what.message();
        };
        problems_.erase(std::unique(problems_.begin(), problems_.end(), same), problems_.end());
        if (left_out_ > 0) {
            error e(errc::config_bad_value, std::to_string(left_out_) + " more problems");
            e.workaround("Correct those above first.");
            e.config_place(file_, 0, 0);
            problems_.push_back(
                {std::move(e),
                 left_out_error_ ? config::severity::error : config::severity::warning});
        }
        return std::move(problems_);
    }

private:
    std::string file_;
    std::size_t most_;
    std::size_t left_out_ = 0;
    bool left_out_error_ = false;
    std::vector<problem> problems_;
};

struct yaml_node;
using node_ptr = std::shared_ptr<const yaml_node>;

struct yaml_entry {
    std::string key;
    mark place;
    node_ptr value;
    bool merge = false;  ///< YAML's "<<"; gone once the map is whole
};

struct yaml_node {
    enum class kind : unsigned char { null, scalar, list, map };
    yaml_node::kind what = kind::null;
    bool anchored = false;
    bool binary = false;  ///< tag !!binary
    bool quoted = false;  ///< written in quotes
    mark place;
    std::size_t weight = 1;  ///< nodes below and including it, aliases expanded
    std::size_t depth = 1;
    std::string text;
    std::vector<yaml_entry> entries;
    std::vector<node_ptr> items;

    const yaml_entry* find(std::string_view key) const noexcept {
        for (const yaml_entry& e : entries) {
            if (e.key == key) return &e;
        }
        return nullptr;
    }
    bool empty() const noexcept {
        switch (what) {
            case kind::null:
                return true;
            case kind::scalar:
                return text.empty();
            case kind::list:
                return items.empty();
            case kind::map:
                return entries.empty();
        }
        return true;
    }
};

inline mark place_of(const YAML::Mark& m) {
    return m.is_null() ? mark{} : mark{m.line + 1, m.column + 1};
}

/// Thrown by the builder through yaml-cpp and caught in parse_yaml; never leaves this file.
struct yaml_stop {};

/// Takes yaml-cpp's events and builds the tree.
class tree_builder : public YAML::EventHandler {
public:
    tree_builder(std::string_view text,
                 const load_options& options,
                 problem_list& problems,
                 bool keep_variables)
        : text_(text), options_(options), problems_(problems), keep_variables_(keep_variables) {
        if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // marks do not count it
    }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
        auto n = make(yaml_node::kind::null, at, anchor);
        finish(std::move(n), anchor);
    }
    void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            problems_.fault(
                errc::config_yaml, place_of(at), "an alias inside of what it refers to");
            throw yaml_stop{};
        }
        count(found->second->weight, place_of(at));
        check_depth(found->second->depth, place_of(at));
        attach(found->second, place_of(at));
    }
    void OnScalar(const YAML::Mark& at,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        auto n = make(yaml_node::kind::scalar, at, anchor);
        n->binary = tag == "tag:yaml.org,2002:binary";
        check_tag(tag, n->place);
        check_quotes(at, n->place);
        const bool is_key = !frames_.empty() && frames_.back().node->what == yaml_node::kind::map &&
                            !frames_.back().has_key;
        n->quoted = tag == "!";
        n->text = is_key || keep_variables_ ? value : with_environment(value, n->place);
        finish(std::move(n), anchor);
    }
    void OnSequenceStart(const YAML::Mark& at,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(yaml_node::kind::list, at, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& at,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(yaml_node::kind::map, at, tag, anchor);
    }
    void OnMapEnd() override { close(); }

    node_ptr root() const { return root_; }

private:
    struct frame {
        std::shared_ptr<yaml_node> node;
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        bool merge = false;  ///< the key is YAML's "<<"
        std::string key;
        mark key_place;
    };

    std::shared_ptr<yaml_node> make(yaml_node::kind what,
                                    const YAML::Mark& at,
                                    YAML::anchor_t anchor) {
        auto n = std::make_shared<yaml_node>();
        n->what = what;
        n->place = place_of(at);
        n->anchored = anchor != 0;
        count(1, n->place);
        check_depth(1, n->place);
        return n;
    }
    void count(std::size_t nodes, const mark& at) {
        nodes_ += nodes;
        if (nodes_ <= options_.max_nodes) return;
        problems_.fault(
            errc::internal_limit,
            at,
            "more than " + std::to_string(options_.max_nodes) + " values (aliases counted)");
        throw yaml_stop{};
    }
    void check_depth(std::size_t below, const mark& at) {
        if (frames_.size() + below <= options_.max_depth) return;
        problems_.fault(errc::internal_limit,
                        at,
                        "nested deeper than " + std::to_string(options_.max_depth) + " levels");
        throw yaml_stop{};
    }
    void check_tag(const std::string& tag, const mark& at) {
        // The tag is not printed: a password that begins with ! would be one.
        if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:"))
            return;
        problems_.fault(errc::config_yaml,
                        at,
                        "an unknown tag (a value that begins with !)",
                        "Put the value into quotes.");
    }
    /// yaml-cpp takes a quoted text that the file ends in for whole.
    void check_quotes(const YAML::Mark& at, const mark& place) {
        if (at.pos < 0 || static_cast<std::size_t>(at.pos) >= text_.size()) return;
        const char quote = text_[static_cast<std::size_t>(at.pos)];
        if (quote != '"' && quote != '\'') return;
        for (auto i = static_cast<std::size_t>(at.pos) + 1; i < text_.size(); ++i) {
            if (text_[i] == '\\' && quote == '"') {
                ++i;
            } else if (text_[i] == quote) {
                if (quote == '"' || i + 1 >= text_.size() || text_[i + 1] != quote) return;
                ++i;
            }
        }
        problems_.fault(errc::config_yaml, place, "a quote that is never closed", "Close it.");
        throw yaml_stop{};
    }
    void open(yaml_node::kind what,
              const YAML::Mark& at,
              const std::string& tag,
              YAML::anchor_t anchor) {
        frame f;
        f.node = make(what, at, anchor);
        f.anchor = anchor;
        check_tag(tag, f.node->place);
        frames_.push_back(std::move(f));
    }
    void close() {
        frame f = std::move(frames_.back());
        frames_.pop_back();
        if (f.node->what == yaml_node::kind::map) merge(*f.node);
        finish(std::move(f.node), f.anchor);
    }
    void finish(std::shared_ptr<yaml_node> n, YAML::anchor_t anchor) {
        if (anchor != 0) anchors_[anchor] = n;
        const mark at = n->place;
        attach(std::move(n), at);
    }
    /// Hands a finished value to the list or map around it.
    void attach(node_ptr n, const mark& at) {
        if (frames_.empty()) {
            root_ = std::move(n);
            return;
        }
        frame& f = frames_.back();
        if (f.node->what == yaml_node::kind::map && !f.has_key) {
            f.has_key = true;
            f.key_place = at;
            f.key = n->text;
            f.merge = n->text == "<<" && !n->quoted;
            if (n->what != yaml_node::kind::scalar || n->text.empty()) {
                problems_.fault(errc::config_yaml, at, "a key has to be a plain text");
                f.key.clear();
            }
            return;
        }
        f.node->weight += n->weight;
        f.node->depth = std::max(f.node->depth, n->depth + 1);
        if (f.node->what == yaml_node::kind::list) {
            f.node->items.push_back(std::move(n));
            return;
        }
        f.has_key = false;
        if (f.key.empty()) return;
        const auto [first, fresh] = keys_of(f).emplace(f.key, f.key_place);
        if (!fresh && !f.merge) {
            problems_.fault(errc::config_yaml,
                            f.key_place,
                            "key '" + f.key.substr(0, 100) + "' stands twice; first in line " +
                                std::to_string(first->second.line),
                            "Remove one of the two.");
            return;
        }
        f.node->entries.push_back({f.key, f.key_place, std::move(n), f.merge});
    }
    std::map<std::string, mark>& keys_of(const frame& f) { return keys_[f.node.get()]; }

    /// YAML's "<<": the entries of another map, or of a list of maps, that the map itself lacks.
    void merge(yaml_node& map) {
        keys_.erase(&map);
        std::vector<yaml_entry> own;
        std::vector<yaml_entry> merged;
        for (yaml_entry& e : map.entries) {
            if (!e.merge) {
                own.push_back(std::move(e));
                continue;
            }
            const auto take = [&](const node_ptr& from) {
                if (from->what == yaml_node::kind::map) {
                    merged.insert(merged.end(), from->entries.begin(), from->entries.end());
                } else if (from->what != yaml_node::kind::null) {
                    problems_.fault(
                        errc::config_yaml, e.place, "'<<' takes a map or a list of maps");
                }
            };
            if (e.value->what == yaml_node::kind::list) {
                for (const node_ptr& item : e.value->items) take(item);
            } else {
                take(e.value);
            }
        }
        map.entries = std::move(own);
        if (merged.empty()) return;
        std::set<std::string> taken;
        for (const yaml_entry& e : map.entries) taken.insert(e.key);
        for (yaml_entry& e : merged) {
            if (taken.insert(e.key).second) map.entries.push_back(std::move(e));
        }
    }

    /// Replaces ${NAME}; "$${" stands for "${".
    std::string with_environment(const std::string& text, const mark& at) {
        std::string out;
        std::size_t i = 0;
        for (std::size_t dollar; (dollar = text.find("${", i)) != std::string::npos;) {
            if (dollar > i && text[dollar - 1] == '$') {
                out.append(text, i, dollar - 1 - i).append("${");
                i = dollar + 2;
                continue;
            }
            const std::size_t close = text.find('}', dollar);
            const std::string name = close == std::string::npos
                                         ? std::string()
                                         : text.substr(dollar + 2, close - dollar - 2);
            if (!is_variable(name)) {
                no_variable(close != std::string::npos, at);
                return text;
            }
            out.append(text, i, dollar - i);
            i = close + 1;
            const auto value =
                options_.environment ? options_.environment(name) : std::optional<std::string>();
            if (value) {
                out += *value;
            } else {
                unset_variable(name, at);
            }
        }
        return out.append(text, i);
    }
    void unset_variable(const std::string& name, const mark& at) {
        // Only names that look like variables are printed: the text may be part of a password.
        const bool plain =
            std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
        problems_.fault(errc::config_bad_value,
                        at,
                        plain ? "environment variable " + name + " is not set"
                              : "the environment variable named here is not set",
                        "Set it, or write $${ where the text ${ itself is meant.");
    }
    /// Defaults as shells have them (${NAME:-text}) are not there. What stands between the braces
    /// is not printed: it may be part of a password.
    void no_variable(bool closed, const mark& at) {
        problems_.fault(errc::config_bad_value,
                        at,
                        closed ? "${...} in this value holds no name of an environment variable"
                               : "${ in this value has no } behind it",
                        "Write ${NAME}: letters, digits and _, without a default such as :-text; "
                        "or $${ where the text ${ itself is meant.");
    }
    static bool is_variable(std::string_view name) {
        if (name.empty() || name.size() > 255 || (name[0] >= '0' && name[0] <= '9')) return false;
        return std::all_of(name.begin(), name.end(), [](char c) {
            return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                   (c >= 'A' && c <= 'Z');
        });
    }

    std::string_view text_;
    const load_options& options_;
    problem_list& problems_;
    bool keep_variables_;
    std::vector<frame> frames_;
    std::map<YAML::anchor_t, node_ptr> anchors_;
    std::map<const yaml_node*, std::map<std::string, mark>> keys_;
    std::size_t nodes_ = 0;
    node_ptr root_;
};

/// yaml-cpp's sentence without names out of the file.
inline std::string yaml_sentence(const std::string& text) {
    const std::size_t anchor = text.find("anchor is not defined");
    if (anchor != std::string::npos) return "a value that begins with * refers to no anchor";
    return "not valid YAML: " + text;
}

/// An istream over a text that is not copied.
class text_buffer : public std::streambuf {
public:
    explicit text_buffer(std::string_view text) {
        char* begin = const_cast<char*>(text.data());
        setg(begin, begin, begin + text.size());
    }
};

/// YAML, and TOML, is UTF-8 without control characters but tabs and line ends. yaml-cpp reads
/// others as parts of keys and values, and byte 4 as the end of the file. "\x1C" in double quotes
/// writes one.
inline bool check_characters(std::string_view text, problem_list& problems) {
    mark at{1, 1};
    while (!text.empty()) {
        const char c = text.front();
        const auto byte = static_cast<unsigned char>(c);
        const auto [point, size] = dmlib::internal::next_utf8(text);
        if (size == 0) {
            problems.fault(errc::config_yaml,
                           at,
                           "byte " + std::to_string(byte) + ", which is no UTF-8",
                           "Save the file as UTF-8.");
            return false;
        }
        const bool line_end = c == '\n' || text.starts_with("\r\n");
        const bool control = (point < 0x20 && c != '\t' && !line_end) ||
                             (point >= 0x7F && point < 0xA0) || point == 0xFFFE || point == 0xFFFF;
        if (control) {
            // The first byte of several would be the number of another character.
            const std::string number =
                (size == 1 ? "byte " : "character ") + std::to_string(std::uint32_t{point});
            problems.fault(errc::config_yaml,
                           at,
                           "a control character (" + number + ")",
                           point > 0xFF ? "Remove it, or write it as \"\\u....\" in double quotes."
                                        : "Remove it, or write it as \"\\x..\" in double quotes.");
            return false;
        }
        if (point == 0xFEFF && (at.line > 1 || at.column > 1)) {
            problems.fault(errc::config_yaml, at, "a byte order mark inside of the file");
            return false;
        }
        text.remove_prefix(size);
        ++at.column;
        if (c == '\n') at = {at.line + 1, 1};
    }
    return true;
}

/// The first document of the text; null where it is empty or broken (then a problem says so).
/// `keep_variables`: ${NAME} stays as it is written.
inline node_ptr parse_yaml(std::string_view text,
                           const load_options& options,
                           problem_list& problems,
                           bool keep_variables = false) {
    if (text.size() > options.max_bytes) {
        problems.fault(errc::internal_limit,
                       {},
                       "larger than " + std::to_string(options.max_bytes) + " bytes");
        return nullptr;
    }
    if (!check_characters(text, problems)) return nullptr;
    try {
        text_buffer buffer(text);
        std::istream in(&buffer);
        YAML::Parser parser(in);
        tree_builder builder(text, options, problems, keep_variables);
        if (!parser.HandleNextDocument(builder)) return nullptr;
        tree_builder second(text, options, problems, keep_variables);
        if (parser.HandleNextDocument(second) && second.root() && !second.root()->empty()) {
            problems.fault(errc::config_yaml,
                           second.root()->place,
                           "a second YAML document",
                           "Put each task or source into a file of its own.");
        }
        return builder.root();
    } catch (const YAML::Exception& e) {
        problems.fault(errc::config_yaml,
                       place_of(e.mark),
                       yaml_sentence(e.msg),
                       "Correct the line named; values with special characters need quotes.");
    } catch (const yaml_stop&) {
        // The builder has said why.
    } catch (const std::exception& e) {
        problems.fault(errc::config_yaml, {}, std::string("cannot be read as YAML: ") + e.what());
    }
    return nullptr;
}

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
