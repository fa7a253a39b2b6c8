// Which charset and collation a definition gets: by the server's version and the session.
#pragma once

#include <dmlib/model/charset.hpp>
#include <dmlib/schema/resolve.hpp>
#include <dmlib/sql/ast.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

struct charset_choice {
    std::string charset;
    std::string collation;
};

inline error refusal(std::string what) {
    return error(errc::schema_conflict, std::move(what));
}

/// The collation that a charset without COLLATE gets.
inline std::string collation_of_charset(const resolve_options& o, std::string_view charset) {
    if (o.server.flavor == flavor::mysql && charset == "utf8mb4" && !o.utf8mb4_collation.empty()) {
        return o.utf8mb4_collation;
    }
    if (o.server.flavor == flavor::mariadb && !o.character_set_collations.empty()) {
        std::string_view rest = o.character_set_collations;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view pair = rest.substr(0, comma);
            const std::size_t equal = pair.find('=');
            if (equal != std::string_view::npos && pair.substr(0, equal) == charset) {
                return std::string(pair.substr(equal + 1));
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    // An empty list of names on 11.5 and later is the server's own list.
    return std::string(default_collation(o.server, charset));
}

/// The server-wide default of the options.
inline charset_choice server_default(const resolve_options& o) {
    charset_choice out;
    if (!o.server_collation.empty()) {
        if (const collation_info* const c = find_collation(o.server_collation)) {
            return {std::string(c->charset), std::string(c->name)};
        }
    }
    const charset_info* const set =
        find_charset(o.server_charset.empty() ? default_charset(o.server) : o.server_charset);
    out.charset = set == nullptr ? "latin1" : std::string(set->name);
    out.collation = collation_of_charset(o, out.charset);
    return out;
}

/// CHARACTER SET and COLLATE as written (either may be empty) over what is inherited.
inline result<charset_choice> chosen_charset(const resolve_options& o,
                                             const std::string& charset,
                                             const std::string& collation,
                                             const charset_choice& inherited) {
    charset_choice out = inherited;
    if (!charset.empty() && charset != "default") {
        const charset_info* const set = find_charset(charset);
        if (set == nullptr) return refusal("unknown character set '" + charset + "'");
        out.charset = std::string(set->name);
        out.collation = collation_of_charset(o, out.charset);
    }
    // MariaDB 11.5 takes CHARACTER SET DEFAULT for the charset alone, with its classical collation.
    if (charset == "default" && o.server.flavor == flavor::mariadb &&
        o.server.version.at_least(11, 5)) {
        if (const charset_info* const set = find_charset(out.charset)) {
            out.collation = std::string(set->default_collation);
        }
    }
    if (!collation.empty() && collation != "default") {
        const bool charset_stated = !charset.empty() && charset != "default";
        const collation_info* found = find_collation(collation);
        if (found == nullptr) found = find_collation_for(out.charset, collation);
        if (found == nullptr) return refusal("unknown collation '" + collation + "'");
        if (charset_stated && found->charset != out.charset) {
            return refusal("collation '" + collation + "' is not valid for character set '" +
                           charset + "'");
        }
        out.charset = std::string(found->charset);
        out.collation = std::string(found->name);
    } else if (collation == "default") {
        out.collation = collation_of_charset(o, out.charset);
    }
    return out;
}

/// The same for the options of a table or database.
inline result<charset_choice> options_charset(const resolve_options& o,
                                              const std::vector<sql::table_option>& options,
                                              const charset_choice& inherited) {
    std::string charset;
    std::string collation;
    // Older servers take the later of the two: a charset brings its own collation.
    const bool by_order = o.server.flavor == flavor::mariadb ? !o.server.version.at_least(10, 9)
                                                             : !o.server.version.at_least(8);
    for (const sql::table_option& option : options) {
        if (option.kind == sql::table_option_kind::charset) {
            if (by_order) collation.clear();
            charset = option.value.kind == sql::literal_kind::null
                          ? "default"
                          : sql::ascii_lower(option.value.text);
        } else if (option.kind == sql::table_option_kind::collate) {
            collation = option.value.kind == sql::literal_kind::null
                            ? "default"
                            : sql::ascii_lower(option.value.text);
        }
    }
    return chosen_charset(o, charset, collation, inherited);
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
