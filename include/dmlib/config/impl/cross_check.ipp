#pragma once

#include <dmlib/config/impl/internal/scalars.hpp>
#include <dmlib/config/load.hpp>

#include <map>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

inline problem finding(severity level,
                       errc code,
                       const std::string& file,
                       const mark& at,
                       std::string message,
                       std::string way_out) {
    error e(code, std::move(message));
    e.workaround(std::move(way_out));
    e.config_place(file, at.line, at.column);
    return {std::move(e), level};
}

/// One instance against its source.
inline void check_pair(const task_file& task,
                       const instance& in,
                       const source_file& source,
                       std::vector<problem>& out) {
    if (!source.enable) {
        out.push_back(finding(severity::error,
                              errc::config_bad_value,
                              source.file,
                              source.place,
                              "source '" + source.source_id + "' is not enabled",
                              "Set enable: true, or remove the source from the task."));
    }
    if (in.meta && task.mode == task_mode::incremental) {
        if (source.enable_gtid && in.meta->binlog_gtid.empty()) {
            out.push_back(finding(severity::warning,
                                  errc::config_missing_key,
                                  task.file,
                                  in.meta->place,
                                  "source '" + source.source_id +
                                      "' has enable-gtid, but meta has no binlog-gtid: "
                                      "the start is found by file and offset",
                                  "Give binlog-gtid."));
        } else if (!source.enable_gtid && in.meta->binlog_name.empty()) {
            out.push_back(finding(
                severity::error,
                errc::config_missing_key,
                task.file,
                in.meta->place,
                "meta has only binlog-gtid, but source '" + source.source_id +
                    "' has enable-gtid: false",
                "Set enable-gtid: true in the source file, or give binlog-name and binlog-pos."));
        }
    }
    if (task.case_sensitive != source.case_sensitive) {
        out.push_back(finding(severity::warning,
                              errc::config_bad_value,
                              source.file,
                              source.place,
                              "case-sensitive differs between the task and source '" +
                                  source.source_id + "': names are compared with case",
                              "Set both alike."));
    }
}

}  // namespace internal

DMLIB_DECL std::vector<problem> cross_check(const task_file& task,
                                            std::span<const source_file> sources) {
    std::vector<problem> out;
    std::map<std::string_view, const source_file*> by_id;
    for (const source_file& source : sources) {
        if (source.source_id.empty()) continue;  // told when it was loaded
        const auto [first, fresh] = by_id.emplace(source.source_id, &source);
        if (!fresh) {
            out.push_back(internal::finding(
                severity::error,
                errc::config_bad_value,
                source.file,
                source.place,
                "source-id '" + source.source_id + "' stands in " + first->second->file + " too",
                "Give each source its own id."));
        }
        if (task.find(source.source_id) == nullptr) {
            out.push_back(internal::finding(
                severity::warning,
                errc::config_unused_block,
                source.file,
                source.place,
                "source '" + source.source_id + "' is not used by task '" + task.name + "'",
                "Name it in mysql-instances, or leave out --source " + source.file + "."));
        }
    }
    for (const instance& in : task.instances) {
        if (in.source_id.empty()) continue;
        const auto found = by_id.find(in.source_id);
        if (found == by_id.end()) {
            out.push_back(
                internal::finding(severity::error,
                                  errc::config_bad_reference,
                                  task.file,
                                  in.place,
                                  "there is no source file for source '" + in.source_id + "'",
                                  "Give the file with this source-id by --source."));
            continue;
        }
        internal::check_pair(task, in, *found->second, out);
    }
    return out;
}

namespace internal {

/// "+08:00" as minutes; nothing for names of zones and for "".
inline std::optional<int> offset_minutes(std::string_view zone) {
    if (zone == "UTC") return 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':')
        return std::nullopt;
    const auto hours = read_int(zone.substr(1, 2));
    const auto minutes = read_int(zone.substr(4, 2));
    if (!hours || !minutes) return std::nullopt;
    const int all = static_cast<int>(*hours * 60 + *minutes);
    return zone[0] == '-' ? -all : all;
}

}  // namespace internal

DMLIB_DECL filter make_filter(const task_file& task,
                              const instance& in,
                              const source_file* source) {
    filter f;
    const bool case_sensitive =
        task.case_sensitive || (source != nullptr && source->case_sensitive);
    f.list(in.list).case_sensitive(case_sensitive).meta_schema(task.meta_schema);
    for (const event_filter_rule& rule : in.filters) f.events(rule);
    for (const row_filter_rule& rule : in.expressions) f.rows(rule);
    if (const auto minutes = internal::offset_minutes(task.timezone)) f.row_time_zone(*minutes);
    if (source == nullptr) return f;
    const auto fold = [&](const std::string& text) {
        return case_sensitive ? text : fold_case(text);
    };
    for (const event_filter_rule& rule : source->filters) {
        // As in DM: a rule of the task about the same patterns takes the place of the source's.
        bool replaced = false;
        for (const event_filter_rule& own : in.filters) {
            replaced = replaced || (fold(own.schema_pattern) == fold(rule.schema_pattern) &&
                                    fold(own.table_pattern) == fold(rule.table_pattern));
        }
        if (!replaced) f.events(rule);
    }
    return f;
}

DMLIB_DECL router make_router(const instance& in) {
    router r;
    for (const route_rule& rule : in.routes) r.route(rule);
    return r;
}

DMLIB_DECL mapper make_mapper(const instance& in) {
    mapper m;
    for (const mapping_rule& rule : in.mappings) m.map(rule);
    return m;
}

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
