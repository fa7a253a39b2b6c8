// Rule blocks and server blocks of a checked tree -> structs.
#pragma once

#include <dmlib/config/impl/internal/field_reader.hpp>
#include <dmlib/config/source_file.hpp>
#include <dmlib/config/task_file.hpp>

#include <fmt/format.h>

#include <array>
#include <map>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

inline std::optional<extract_rule> read_extract(const field_reader& route, std::string_view what) {
    const std::string key = "extract-" + std::string(what);
    if (route.node(key) == nullptr) return std::nullopt;
    const field_reader block = route.block(key);
    return extract_rule{block.text(std::string(what) + "-regexp"), block.text("target-column")};
}

/// Two extractors of a route that fill one column: the statements would name it twice.
inline void check_extracted(const field_reader& route,
                            const std::string& name,
                            problem_list& problems) {
    constexpr std::array<std::string_view, 3> keys = {
        "extract-table", "extract-schema", "extract-source"};
    std::map<std::string, std::string_view> filled;
    for (const std::string_view key : keys) {
        if (route.node(key) == nullptr) continue;
        const field_reader block = route.block(key);
        const std::string column = block.text("target-column");
        if (column.empty()) continue;
        const auto [first, fresh] = filled.try_emplace(fold_case(column), key);
        if (fresh) continue;
        problems.fault(errc::config_rule,
                       block.place("target-column"),
                       fmt::format("route {}: {} and {} fill the same column '{}'",
                                   printed(name),
                                   first->second,
                                   key,
                                   column),
                       "Give one of them another target-column, or remove it.");
    }
}

inline route_rule read_route(const yaml_entry& e, problem_list& problems) {
    const field_reader r(e.value.get(), "route");
    route_rule rule;
    rule.name = e.key;
    rule.schema_pattern = r.text("schema-pattern");
    rule.table_pattern = r.text("table-pattern");
    rule.target_schema = r.text("target-schema");
    rule.target_table = r.text("target-table");
    rule.extract_table = read_extract(r, "table");
    rule.extract_schema = read_extract(r, "schema");
    rule.extract_source = read_extract(r, "source");
    check_extracted(r, e.key, problems);
    return rule;
}

/// Rules that say less than their writer meant.
inline void check_filter(const event_filter_rule& rule,
                         const field_reader& r,
                         problem_list& problems) {
    const mark at = r.place("action");
    if (rule.action == filter_action::replicate) {
        if (!rule.events.empty()) return;
        problems.fault(errc::config_rule,
                       at,
                       "action Do without events leaves out everything, rows too, also where "
                       "there is a sql-pattern",
                       "Name what shall pass in events (events: [all dml, create table]; with a "
                       "sql-pattern [all]), write events: [none] where nothing shall, or use "
                       "action Ignore for what the sql-pattern names.");
        return;
    }
    if (!rule.events.empty() || !rule.sql_pattern.empty()) return;
    problems.warning(at,
                     "the rule has neither events nor sql-pattern, so it has no effect",
                     "Name what it is about, or remove it.");
}

inline event_filter_rule read_filter(const std::string& name,
                                     const yaml_node& node,
                                     problem_list& problems) {
    const field_reader r(&node, "filter");
    event_filter_rule rule;
    rule.name = name;
    rule.schema_pattern = r.text("schema-pattern");
    rule.table_pattern = r.text("table-pattern");
    rule.events = r.texts("events");
    rule.sql_pattern = r.texts("sql-pattern");
    const std::string action = r.word("action");
    rule.action = action == "do"      ? filter_action::replicate
                  : action == "error" ? filter_action::error
                                      : filter_action::ignore;
    if (!action.empty()) check_filter(rule, r, problems);
    return rule;
}

inline mapping_rule read_mapping(const yaml_entry& e, problem_list& problems) {
    const field_reader r(e.value.get(), "mapping");
    mapping_rule rule;
    rule.name = e.key;
    rule.schema_pattern = r.text("schema-pattern");
    rule.table_pattern = r.text("table-pattern");
    rule.source_column = r.text("source-column");
    rule.target_column = r.text("target-column");
    std::vector<std::string> arguments = r.texts("arguments");
    const std::string expression = r.word("expression");
    const auto wrong = [&](std::string what) {
        const mark at = r.entry("arguments") != nullptr ? r.place("arguments") : e.place;
        problems.fault(errc::config_rule,
                       at,
                       "column-mappings." + e.key + ".arguments: " + what,
                       "partition id: [instance, schema prefix, table prefix, separator]; add "
                       "prefix and add suffix: [text].");
    };
    if (expression == "partition id") {
        rule.kind = mapping_kind::partition_id;
        if (arguments.size() != 3 && arguments.size() != 4) {
            wrong("three or four are needed");
            return rule;
        }
        arguments.resize(4);
        if (!arguments[0].empty()) {
            const auto n = read_int(arguments[0]);
            if (!n || *n < 0 || *n > 15) wrong("the instance has to be a number from 0 to 15");
            rule.partition.instance = static_cast<int>(n.value_or(-1) & 15);
        }
        rule.partition.schema_prefix = arguments[1];
        rule.partition.table_prefix = arguments[2];
        rule.partition.separator = arguments[3];
        return rule;
    }
    rule.kind = expression == "add suffix" ? mapping_kind::add_suffix : mapping_kind::add_prefix;
    if (arguments.size() == 1) {
        rule.text = arguments[0];
    } else if (!expression.empty()) {
        wrong("one is needed");
    }
    return rule;
}

inline row_filter_rule read_expressions(const yaml_entry& e, problem_list& problems) {
    const field_reader r(e.value.get(), "expression");
    row_filter_rule rule{e.key,
                         r.text("schema"),
                         r.text("table"),
                         r.text("insert-value-expr"),
                         r.text("update-old-value-expr"),
                         r.text("update-new-value-expr"),
                         r.text("delete-value-expr"),
                         {}};
    if (rule.insert_value.empty() && rule.update_old_value.empty() &&
        rule.update_new_value.empty() && rule.delete_value.empty()) {
        problems.fault(errc::config_missing_key,
                       e.place,
                       "expression-filter." + e.key + " has no expression, so it leaves out no row",
                       "Give one of insert-value-expr, update-old-value-expr, "
                       "update-new-value-expr and delete-value-expr, or remove the rule.");
    }
    for (const error& fault : row_filter::check(rule))
        problems.fault(errc::config_rule, e.place, fault.message(), fault.workaround());
    return rule;
}

inline std::vector<table_pattern> read_tables(const field_reader& list, std::string_view key) {
    std::vector<table_pattern> out;
    for (const node_ptr& item : list.items(key)) {
        const field_reader t(item.get(), "table");
        out.push_back({t.text("db-name"), t.text("tbl-name")});
    }
    return out;
}

inline block_allow_list read_list(const yaml_entry& e, const problem_list& problems) {
    const field_reader r(e.value.get(), "list");
    block_allow_list list;
    list.name = e.key;
    list.do_dbs = r.texts("do-dbs");
    list.ignore_dbs = r.texts("ignore-dbs");
    list.do_tables = read_tables(r, "do-tables");
    list.ignore_tables = read_tables(r, "ignore-tables");
    for (const char* key : {"do-dbs", "ignore-dbs", "do-tables", "ignore-tables"}) {
        std::size_t i = 0;
        for (const node_ptr& item : r.items(key)) {
            list.places[std::string(key) + "[" + std::to_string(i++) + "]"] =
                problems.place(item->place);
        }
    }
    return list;
}

/// ssl-X-bytes and ssl-X-base64 -> text.
inline std::string read_pem(const field_reader& r, std::string_view what) {
    const yaml_node* bytes = r.node("ssl-" + std::string(what) + "-bytes");
    if (bytes != nullptr && bytes->what == yaml_node::kind::scalar && !bytes->text.empty()) {
        return bytes->binary ? read_base64(bytes->text).value_or("") : bytes->text;
    }
    return read_base64(r.text("ssl-" + std::string(what) + "-base64")).value_or("");
}

inline constexpr std::string_view security_texts[] = {"ssl-ca",
                                                      "ssl-cert",
                                                      "ssl-key",
                                                      "ssl-ca-bytes",
                                                      "ssl-cert-bytes",
                                                      "ssl-key-bytes",
                                                      "ssl-ca-base64",
                                                      "ssl-cert-base64",
                                                      "ssl-key-base64"};

/// One of a file's path, its text and its text in base64.
inline void check_one_form(const field_reader& r, const std::string& path, problem_list& problems) {
    for (const std::string what : {"ssl-ca", "ssl-cert", "ssl-key"}) {
        std::string first;
        for (const std::string& key : {what, what + "-bytes", what + "-base64"}) {
            const yaml_node* n = r.node(key);
            if (n == nullptr || n->what != yaml_node::kind::scalar || n->text.empty()) continue;
            if (!first.empty())
                problems.fault(errc::config_bad_value,
                               r.place(key),
                               path + ".security has " + first + " and " + key,
                               "Give one of the two.");
            first = key;
        }
    }
}

inline security_config read_security(const field_reader& database,
                                     const std::string& path,
                                     problem_list& problems) {
    security_config s;
    if (!database.has("security")) return s;
    const field_reader r = database.block("security");
    s.ssl_ca = r.text("ssl-ca");
    s.ssl_cert = r.text("ssl-cert");
    s.ssl_key = r.text("ssl-key");
    s.ca_pem = read_pem(r, "ca");
    s.cert_pem = read_pem(r, "cert");
    s.key_pem = read_pem(r, "key");
    s.cert_allowed_cn = r.texts("cert-allowed-cn");
    s.verify = r.flag("verify");
    s.tls_min_version = r.word("tls-min-version");
    check_one_form(r, path, problems);
    const bool texts = std::any_of(
        std::begin(security_texts), std::end(security_texts), [&](std::string_view key) {
            const yaml_node* n = r.node(key);
            return n != nullptr && !n->empty();
        });
    s.present = texts || !s.cert_allowed_cn.empty() || r.has("verify") || r.has("tls-min-version");
    if (!s.present)
        problems.warning(database.place("security"),
                         path + ".security names nothing: TLS is not asked for",
                         "Give ssl-ca, or remove the block.");
    const bool cert = !s.ssl_cert.empty() || !s.cert_pem.empty();
    const bool key = !s.ssl_key.empty() || !s.key_pem.empty();
    if (cert != key) {
        problems.fault(errc::config_missing_key,
                       database.place("security"),
                       path + ".security: " + (cert ? "ssl-key" : "ssl-cert") + " is missing",
                       "A certificate and its key belong together: give both or none.");
    }
    if (!s.verify) {
        problems.warning(r.place("verify"),
                         path +
                             ".security.verify is false: the server's certificate is not checked, "
                             "so that anyone between can read and change everything",
                         "Give ssl-ca and remove the key.");
    }
    return s;
}

/// Variables that the sessions set themselves, whatever a file says: statements are in utf8mb4, run
/// in UTC, end their transactions and read back whole answers.
inline bool is_session_of_the_task(std::string name) {
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return name == "time_zone" || name == "sql_select_limit" || name == "autocommit" ||
           name == "completion_type" || name == "names" || name == "charset" ||
           name == "collation_connection" || name.starts_with("character_set_");
}

inline database_config read_database(const field_reader& file,
                                     std::string_view key,
                                     std::uint16_t standard_port,
                                     problem_list& problems) {
    const field_reader r = file.block(key);
    database_config d;
    d.place = file.place(key);
    d.host = r.text("host");
    d.port = r.has("port") ? r.number<std::uint16_t>("port") : standard_port;
    d.user = r.text("user");
    d.password = secret(r.text("password"));
    d.password_place = r.place(r.has("password-file") ? "password-file" : "password");
    d.password_file = r.text("password-file");
    if (!d.password_file.empty() && !d.password.empty()) {
        problems.fault(errc::config_bad_value,
                       d.password_place,
                       std::string(key) + " has password and password-file",
                       "Give one of the two.");
    }
    for (const yaml_entry& e : r.entries("session")) {
        if (e.value->what != yaml_node::kind::scalar) continue;
        d.session.emplace_back(e.key, e.value->text);
        if (is_session_of_the_task(e.key) && e.value->text != "+00:00")
            problems.warning(
                e.value->place,
                std::string(key) + ".session." + e.key + " has no effect: dmlib sets it itself",
                "Remove it; values are the same in any zone and charset.");
    }
    d.security = read_security(r, std::string(key), problems);
    return d;
}

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
