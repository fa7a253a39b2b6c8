// SHOW GRANTS, read with tolerance: what is not understood makes an answer "unknown", never "no".
#pragma once

#include <dmlib/core/config.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace check {
namespace internal {

enum class answer { no, yes, unknown };

inline std::string upper_text(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

inline std::string_view trimmed(std::string_view s) noexcept {
    while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
    while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
    return s;
}

/// `pattern` of a grant's database: % and _ are wildcards unless escaped.
inline bool grant_pattern_matches(std::string_view pattern, std::string_view name) noexcept {
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '%') {
        for (std::size_t i = 0; i <= name.size(); ++i) {
            if (grant_pattern_matches(pattern.substr(1), name.substr(i))) return true;
        }
        return false;
    }
    const bool any = pattern.front() == '_';
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    if (name.empty() || (!any && pattern.front() != name.front())) return false;
    return grant_pattern_matches(pattern.substr(1), name.substr(1));
}

class grant_set {
public:
    void add_line(std::string_view line) {
        line = trimmed(line);
        const std::string head = upper_text(line.substr(0, 7));
        const bool revoke = head.rfind("REVOKE ", 0) == 0;
        if (!revoke && head.rfind("GRANT ", 0) != 0) {
            unclear_ = true;
            return;
        }
        line.remove_prefix(revoke ? 7 : 6);
        const std::size_t on = find_word(line, " ON ");
        if (on == std::string_view::npos) return;  // a role; its privileges stand in other lines
        row r;
        r.revoked = revoke;
        read_privileges(line.substr(0, on), r);
        std::string_view object = trimmed(line.substr(on + 4));
        for (std::string_view word : {"FUNCTION ", "PROCEDURE ", "PACKAGE "}) {
            if (upper_text(object.substr(0, word.size())) == word) return;
        }
        if (upper_text(object.substr(0, 6)) == "TABLE ") object.remove_prefix(6);
        if (r.privileges.count("PROXY") != 0) return;
        if (!read_name(object, r.schema) || object.empty() || object.front() != '.') {
            unclear_ = true;
            return;
        }
        object.remove_prefix(1);
        if (!read_name(object, r.table)) {
            unclear_ = true;
            return;
        }
        rows_.push_back(std::move(r));
    }

    /// Privilege names in upper case. An empty schema asks for the global privilege, an empty table
    /// for the whole schema.
    answer has(std::string_view privilege,
               std::string_view schema = {},
               std::string_view table = {}) const {
        bool granted = false;
        for (const row& r : rows_) {
            if (!covers(r, schema, table) || !holds(r, privilege)) continue;
            if (r.revoked) return answer::no;
            granted = true;
        }
        if (granted) return answer::yes;
        return unclear_ ? answer::unknown : answer::no;
    }

    bool unclear() const noexcept { return unclear_; }
    void make_unclear() noexcept { unclear_ = true; }

private:
    struct row {
        std::set<std::string> privileges;
        std::string schema;
        std::string table;
        bool revoked = false;
    };

    static bool holds(const row& r, std::string_view privilege) {
        return r.privileges.count("ALL PRIVILEGES") != 0 || r.privileges.count("ALL") != 0 ||
               r.privileges.count(std::string(privilege)) != 0;
    }
    static bool covers(const row& r, std::string_view schema, std::string_view table) {
        if (r.schema == "*") return true;
        if (schema.empty() || !grant_pattern_matches(r.schema, schema)) return false;
        return r.table == "*" || (!table.empty() && r.table == table);
    }

    // Outside of parentheses and quotes.
    static std::size_t find_word(std::string_view text, std::string_view word) {
        int depth = 0;
        char quote = 0;
        for (std::size_t i = 0; i + word.size() <= text.size(); ++i) {
            const char c = text[i];
            if (quote != 0) {
                if (c == quote) quote = 0;
                continue;
            }
            if (c == '`' || c == '\'' || c == '"') quote = c;
            if (c == '(') ++depth;
            if (c == ')') --depth;
            if (depth == 0 && upper_text(text.substr(i, word.size())) == word) return i;
        }
        return std::string_view::npos;
    }

    static void read_privileges(std::string_view list, row& out) {
        while (!list.empty()) {
            const std::size_t comma = find_word(list, ",");
            const std::string_view one = trimmed(list.substr(0, comma));
            list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
            // A privilege on single columns is no privilege on the table.
            if (one.find('(') == std::string_view::npos) out.privileges.insert(upper_text(one));
        }
    }

    static bool read_name(std::string_view& text, std::string& out) {
        if (text.empty()) return false;
        if (text.front() == '*') {
            out = "*";
            text.remove_prefix(1);
            return true;
        }
        if (text.front() != '`') {
            const std::size_t n = std::min(text.find_first_of(". "), text.size());
            out = std::string(text.substr(0, n));
            text.remove_prefix(n);
            return !out.empty();
        }
        text.remove_prefix(1);
        while (!text.empty()) {
            if (text.front() == '`') {
                text.remove_prefix(1);
                if (text.empty() || text.front() != '`') return true;
            }
            out.push_back(text.front());
            text.remove_prefix(1);
        }
        return false;
    }

    std::vector<row> rows_;
    bool unclear_ = false;
};

/// What holds the source still for the moment of a snapshot.
enum class snapshot_lock {
    global,             ///< FLUSH TABLES WITH READ LOCK
    tables,             ///< LOCK TABLES, for lack of RELOAD
    tables_on_service,  ///< LOCK TABLES: RDS and Aurora refuse FTWRL to every account
    none,
    none_on_service,
};

inline snapshot_lock snapshot_lock_of(const grant_set& grants,
                                      const std::set<std::string>& schemas,
                                      bool managed) {
    const answer reload = grants.has("RELOAD");
    const bool flush = reload == answer::yes || grants.has("FLUSH_TABLES") == answer::yes;
    if (flush && !managed) return snapshot_lock::global;
    const bool may_lock =
        std::all_of(schemas.begin(), schemas.end(), [&](const std::string& schema) {
            const answer a = grants.has("LOCK TABLES", schema);
            return a == answer::yes || (a == answer::unknown && reload == answer::unknown);
        });
    if (managed)
        return may_lock ? snapshot_lock::tables_on_service : snapshot_lock::none_on_service;
    return may_lock || reload == answer::unknown ? snapshot_lock::tables : snapshot_lock::none;
}

}  // namespace internal
}  // namespace check
}  // namespace DMLIB_ABI
}  // namespace dmlib
