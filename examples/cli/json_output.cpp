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
    }
    j["blocked_on"] = nullptr;
    if (s.blocked) {
        j["blocked_on"] = {{"what", s.blocked->on},
                           {"since", time_text(s.blocked->since_seconds)},
                           {"since_seconds", rounded(s.blocked->since_seconds)},
                           {"next_try_seconds", rounded(s.blocked->next_try_seconds)},
                           {"tries", s.blocked->tries}};
    }
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
        j["table"] = nullptr;
        if (i.table) j["table"] = {{"schema", i.table->schema}, {"table", i.table->table}};
        list.push_back(std::move(j));
    }
    return line({{"passed", check::passed(items)}, {"items", std::move(list)}});
}

}  // namespace cli
