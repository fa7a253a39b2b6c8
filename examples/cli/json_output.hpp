// The JSON of the contracts: errors, status lines, results, checks. One object per line.
#pragma once

#include <dmlib/check/check.hpp>
#include <dmlib/core/error.hpp>
#include <dmlib/task/explain.hpp>
#include <dmlib/task/status.hpp>

#include <string>
#include <vector>

namespace cli {

std::string error_json(const dmlib::error& e);
/// One line per source.
std::string status_json(const dmlib::task_status& task, const dmlib::source_status& source);
std::string outcome_json(const std::string& task, const dmlib::task_outcome& outcome);
std::string checks_json(const std::vector<dmlib::check::check_item>& items);
/// One line of `explain`.
std::string explanation_json(const dmlib::table_explanation& t);
/// A statement with its fate, as JSON and for people.
std::string statement_json(const std::string& source, const dmlib::sync::rehearsed_statement& s);
std::string statement_text(const std::string& source, const dmlib::sync::rehearsed_statement& s);
/// One table of a dry run, and its last line.
std::string rehearsed_table_json(const std::string& source, const dmlib::sync::rehearsed_table& t);
std::string rehearsal_json(const std::string& source, const dmlib::rehearsal_report& r);
/// "2026-01-02T03:04:05.678Z", `seconds_ago` before now.
std::string time_text(double seconds_ago = 0);

}  // namespace cli
