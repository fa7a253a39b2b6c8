#include "json_output.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <ctime>

namespace cli {

using namespace dmlib;
using json = nlohmann::ordered_json;

namespace {

std::string line(const json& j) {
    return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

json position_json(const location& at) {
    if (at.position.empty() && at.gtids.empty()) return nullptr;
    return {{"file", at.position.file}, {"pos", at.position.pos}, {"gtid", at.gtids.to_string()}};
}

json error_object(const error& e) {
    const auto& info = e.info();
    const auto& at = e.place();
    static constexpr const char* scopes[] = {"upstream", "downstream", "internal"};
    static constexpr const char* levels[] = {"low", "medium", "high"};
    json j;
    j["code"] = static_cast<int>(e.code());
    j["name"] = info.name;
    j["class"] = info.cls;
    j["scope"] = scopes[static_cast<int>(e.scope())];
    j["level"] = levels[static_cast<int>(info.level)];
    j["message"] = e.message();
    j["workaround"] = e.workaround();
    j["task"] = at.task.empty() ? json(nullptr) : json(at.task);
    j["source"] = at.source.empty() ? json(nullptr) : json(at.source);
    j["position"] = nullptr;
    if (!at.binlog_file.empty())
        j["position"] = {{"file", at.binlog_file}, {"pos", at.binlog_pos}, {"gtid", at.gtid}};
    j["table"] = nullptr;
    if (!at.table.empty()) j["table"] = {{"schema", at.schema}, {"table", at.table}};
    j["statement"] = at.statement.empty() ? json(nullptr) : json(at.statement);
    if (!at.file.empty()) {
        j["file"] = at.file;
        j["line"] = at.line;
        j["column"] = at.column;
    }
    return j;
}

double rounded(double v) {
    return std::round(v * 10) / 10;
}

}  // namespace

std::string time_text(double seconds_ago) {
    using namespace std::chrono;
    const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() -
                     static_cast<long long>(seconds_ago * 1000);
    const std::time_t seconds = static_cast<std::time_t>(now / 1000);
    std::tm t{};
    gmtime_r(&seconds, &t);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                       t.tm_year + 1900,
                       t.tm_mon + 1,
                       t.tm_mday,
                       t.tm_hour,
                       t.tm_min,
                       t.tm_sec,
                       now % 1000);
}

std::string error_json(const error& e) {
    return line(error_object(e));
}

std::string status_json(const task_status& task, const source_status& s) {
    json j;
    j["time"] = time_text();
    j["task"] = task.task;
    j["source"] = s.source;
    j["stage"] = to_string(task.stage);
    j["unit"] = to_string(s.unit);
    if (s.unit == unit_kind::check) {
        j["checks_done"] = task.checks_done;
        j["checks_total"] = task.checks_total;
    }
    if (s.unit == unit_kind::load) {
        j["rows_total"] = s.rows_total;
        if (s.rows_total_estimate) j["estimate"] = true;
        j["rows_done"] = s.rows_done;
        j["bytes_total"] = s.bytes_total;
        j["bytes_done"] = s.bytes_done;
        const double share = s.rows_total == 0 ? 0
                                               : static_cast<double>(s.rows_done) /
                                                     static_cast<double>(s.rows_total);
        j["percent"] = rounded(std::min(100.0, share * 100));
        j["rows_per_second"] = static_cast<std::uint64_t>(s.rows_per_second);
        j["eta_seconds"] = s.eta_seconds ? json(rounded(*s.eta_seconds)) : json(nullptr);
    }
    if (s.unit == unit_kind::sync) {
        j["position"] = position_json(s.position);
        j["source_position"] = position_json(s.source_position);
        j["lag_seconds"] = s.lag_seconds ? json(rounded(*s.lag_seconds)) : json(nullptr);
        j["rows_done"] = s.rows_done;
        j["rows_per_second"] = static_cast<std::uint64_t>(s.rows_per_second);
        j["caught_up"] = s.caught_up;
        j["rows_mismatched"] = s.rows_mismatched;
        j["rows_repaired"] = s.rows_repaired;
        j["ddl_already_there"] = s.ddl_already_there;
    }
    j["blocked_on"] = nullptr;
    if (s.blocked) {
        j["blocked_on"] = {
            {"what", s.blocked->on},
            {"since", time_text(s.blocked->since_seconds)},
            {"since_seconds", rounded(s.blocked->since_seconds)},
            {"next_try_seconds", rounded(s.blocked->next_try_seconds)},
            {"tries", s.blocked->tries},
            {"gives_up_seconds",
             s.blocked->gives_up_seconds ? json(rounded(*s.blocked->gives_up_seconds))
                                         : json(nullptr)}};
        if (const auto& why = s.blocked->why) {
            j["blocked_on"]["code"] = static_cast<int>(why->code());
            j["blocked_on"]["name"] = why->info().name;
            j["blocked_on"]["workaround"] = why->workaround();
        }
    }
    j["retries"] = s.retries;
    return line(j);
}

std::string outcome_json(const std::string& task, const task_outcome& o) {
    json j;
    j["task"] = task;
    j["result"] = to_string(o.result);
    j["rows"] = o.rows;
    j["seconds"] = std::round(o.seconds * 1000) / 1000;
    j["error"] = o.error ? error_object(*o.error) : json(nullptr);
    return line(j);
}

std::string checks_json(const std::vector<check::check_item>& items) {
    json list = json::array();
    for (const auto& i : items) {
        json j;
        j["name"] = i.name;
        j["severity"] = i.severity == check::severity::error ? "error" : "warning";
        j["passed"] = i.passed;
        j["source"] = i.source.empty() ? json(nullptr) : json(i.source);
        j["message"] = i.message;
        j["instruction"] = i.instruction;
        j["seconds"] = rounded(i.seconds);
        j["place"] = i.place.empty() ? json(nullptr) : json(i.place);
        j["table"] = nullptr;
        if (i.table) j["table"] = {{"schema", i.table->schema}, {"table", i.table->table}};
        list.push_back(std::move(j));
    }
    return line({{"passed", check::passed(items)}, {"items", std::move(list)}});
}

namespace {

/// What explain and dry run both say of a table first.
json decision_json(const std::string& source, const table_decision& d) {
    json j;
    j["source"] = source;
    j["schema"] = d.source.schema;
    j["table"] = d.source.table;
    j["decision"] = d.replicate ? "replicate" : "skip";
    j["rule"] = d.rule;
    j["target_schema"] = d.replicate ? json(d.target.schema) : json(nullptr);
    j["target_table"] = d.replicate ? json(d.target.table) : json(nullptr);
    return j;
}

}  // namespace

std::string explanation_json(const table_explanation& t) {
    const table_decision& d = *t.decision;
    json j = decision_json(t.source, d);
    j["routes"] = json::array();
    if (d.replicate && !d.route.empty()) j["routes"].push_back(d.route);
    j["filters"] = t.filters;
    j["mappings"] = t.mappings;
    j["extracted"] = json::array();
    for (const auto& x : d.extracted)
        j["extracted"].push_back({{"column", x.column}, {"value", x.value}});
    j["problems"] = t.problems;
    j["warnings"] = t.warnings;
    return line(j);
}

namespace {

json names_json(const std::vector<table_name>& names) {
    json out = json::array();
    for (const auto& n : names) out.push_back({{"schema", n.schema}, {"table", n.table}});
    return out;
}

std::string names_text(const std::vector<table_name>& names) {
    std::string out;
    for (const auto& n : names) {
        out +=
            (out.empty() ? "" : ", ") + (n.table.empty() ? quoted_identifier(n.schema) : quoted(n));
    }
    return out;
}

json counts_json(const sync::row_counts& c) {
    return {{"replicated", c.replicated},
            {"ignored", c.ignored},
            {"filtered", c.filtered},
            {"unjudged", c.unjudged},
            {"stops", c.stops}};
}

}  // namespace

std::string statement_json(const std::string& source, const sync::rehearsed_statement& s) {
    json j;
    j["source"] = source;
    j["statement"] = s.text.empty() ? json(nullptr) : json(s.text);
    j["schema"] = s.schema;
    j["fate"] = to_text(s.what.fate);
    j["kind"] = s.what.kind;
    j["rule"] = s.what.rule;
    j["reason"] = s.what.reason;
    j["tables"] = names_json(s.what.tables);
    j["targets"] = names_json(s.what.targets);
    j["gone"] = names_json(s.what.gone);
    j["notes"] = s.what.notes;
    j["position"] = nullptr;
    if (!s.file.empty()) j["position"] = {{"file", s.file}, {"pos", s.pos}, {"gtid", s.gtid}};
    if (s.timestamp != 0) j["timestamp"] = s.timestamp;
    return line(j);
}

std::string statement_text(const std::string& source, const sync::rehearsed_statement& s) {
    const auto& w = s.what;
    std::string out = fmt::format("{:14} [{}] ", to_text(w.fate), source);
    if (!s.file.empty()) out += fmt::format("{}:{} ", s.file, s.pos);
    out += s.text.substr(0, 300) + (s.text.size() > 300 ? "..." : "");
    if (!w.targets.empty()) out += "\n    to " + names_text(w.targets);
    if (!w.rule.empty()) out += "\n    by " + w.rule;
    if (!w.reason.empty()) out += "\n    " + w.reason;
    if (!w.gone.empty()) out += "\n    gone on the target: " + names_text(w.gone);
    for (const auto& note : w.notes) out += "\n    note: " + note;
    return out;
}

std::string rehearsed_table_json(const std::string& source, const sync::rehearsed_table& t) {
    const table_decision& d = *t.decision;
    json j = decision_json(source, d);
    j["inserts"] = counts_json(t.inserts);
    j["updates"] = counts_json(t.updates);
    j["deletes"] = counts_json(t.deletes);
    j["by_expression"] = json::object();
    for (const auto& [rule, rows] : t.by_expression) j["by_expression"][rule] = rows;
    j["problems"] = t.problems;
    j["first_stop"] = nullptr;
    if (const auto& stop = t.first_stop) {
        j["first_stop"] = {{"file", stop->file},
                           {"pos", stop->pos},
                           {"gtid", stop->gtid},
                           {"reason", stop->reason}};
    }
    return line(j);
}

std::string rehearsal_json(const std::string& source, const rehearsal_report& r) {
    json j;
    j["source"] = source;
    j["transactions"] = r.transactions;
    j["end"] = position_json(r.end);
    j["reached"] = r.reached;
    return line(j);
}

}  // namespace cli
