// mysql-instances: names -> blocks, and the blocks that nobody names.
#pragma once

#include <dmlib/config/impl/internal/rule_reader.hpp>
#include <dmlib/config/impl/internal/unit_reader.hpp>
#include <dmlib/model/position.hpp>

#include <map>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// The named blocks of one kind and which of them were used.
class named_blocks {
public:
    named_blocks(std::string kind, std::vector<const std::vector<yaml_entry>*> sources)
        : kind_(std::move(kind)) {
        for (const auto* entries : sources) {
            for (const yaml_entry& e : *entries) blocks_.emplace(e.key, &e);
        }
    }
    /// nullptr, and a problem, where there is no such block.
    const yaml_entry* use(const std::string& name, const mark& at, problem_list& problems) {
        const auto found = blocks_.find(name);
        if (found != blocks_.end()) {
            used_.insert(name);
            return found->second;
        }
        std::vector<std::string_view> known;
        for (const auto& [key, entry] : blocks_) {
            if (known.size() < 1'000) known.push_back(key);
        }
        const std::string near = did_you_mean(name, known);
        problems.fault(
            errc::config_bad_reference,
            at,
            kind_ + " has no " + printed(name),
            near.empty() ? "Correct the name, or add the block." : "Did you mean '" + near + "'?");
        return nullptr;
    }
    void tell_unused(problem_list& problems) const {
        for (const auto& [key, entry] : blocks_) {
            if (used_.count(key) != 0) continue;
            problems.fault(
                errc::config_unused_block,
                entry->place,
                kind_ + "." + key.substr(0, 100) + " is not used by any of mysql-instances",
                "Refer to it there, or remove it.");
        }
    }

private:
    std::string kind_;
    std::map<std::string, const yaml_entry*> blocks_;
    std::set<std::string> used_;
};

class instance_reader {
public:
    instance_reader(const field_reader& task, task_file& out, problem_list& problems)
        : task_(task),
          out_(out),
          problems_(problems),
          routes_("routes", {&task.entries("routes")}),
          filters_("filters", {&task.entries("filters")}),
          mappings_("column-mappings", {&task.entries("column-mappings")}),
          expressions_("expression-filter", {&task.entries("expression-filter")}),
          lists_("block-allow-list",
                 {&task.entries("block-allow-list"), &task.entries("black-white-list")}),
          mydumpers_("mydumpers", {&task.entries("mydumpers")}),
          loaders_("loaders", {&task.entries("loaders")}),
          syncers_("syncers", {&task.entries("syncers")}),
          validators_("validators", {&task.entries("validators")}) {}

    void read() {
        if (task_.has("block-allow-list") && task_.has("black-white-list")) {
            problems_.fault(
                errc::config_bad_value,
                task_.place("black-white-list"),
                "block-allow-list and its old name black-white-list both stand in the file",
                "Move everything to block-allow-list.");
        }
        for (const node_ptr& item : task_.items("mysql-instances")) {
            if (item->what == yaml_node::kind::map) read_one(*item);
        }
        for (const named_blocks* blocks : {&routes_,
                                           &filters_,
                                           &mappings_,
                                           &expressions_,
                                           &lists_,
                                           &mydumpers_,
                                           &loaders_,
                                           &syncers_,
                                           &validators_}) {
            blocks->tell_unused(problems_);
        }
    }

private:
    void read_one(const yaml_node& node) {
        const field_reader r(&node, "instance");
        instance in;
        in.source_id = r.text("source-id");
        in.place = r.entry("source-id") != nullptr ? r.place("source-id") : node.place;
        const auto [first, fresh] = sources_.emplace(in.source_id, in.place);
        if (!fresh && !in.source_id.empty()) {
            problems_.fault(errc::config_bad_value,
                            in.place,
                            "mysql-instances names source " + printed(in.source_id) +
                                " twice; first in line " + std::to_string(first->second.line),
                            "Remove one of the two.");
        }
        in.meta = read_meta(r, in);
        read_rules(r, in);
        read_units(r, in);
        out_.instances.push_back(std::move(in));
    }

    std::optional<meta_config> read_meta(const field_reader& r, const instance& in) {
        const bool incremental = out_.mode == task_mode::incremental;
        if (!r.has("meta")) {
            if (incremental) {
                problems_.warning(in.place,
                                  "source " + printed(in.source_id) +
                                      " has no meta: the task can only go on "
                                      "from a checkpoint of an earlier run",
                                  "Give meta with binlog-name and binlog-pos, or binlog-gtid.");
            }
            return std::nullopt;
        }
        const field_reader m = r.block("meta");
        meta_config meta;
        meta.place = r.place("meta");
        meta.binlog_name = m.text("binlog-name");
        meta.binlog_gtid = m.text("binlog-gtid");
        meta.binlog_pos = m.number<std::uint64_t>("binlog-pos");
        if (meta.binlog_name.empty() && meta.binlog_gtid.empty()) {
            problems_.fault(errc::config_missing_key,
                            meta.place,
                            "meta has neither binlog-name nor binlog-gtid",
                            "Give one of the two, or remove meta.");
        }
        if (!meta.binlog_gtid.empty() && !gtid_set::parse(flavor::mysql, meta.binlog_gtid) &&
            !gtid_set::parse(flavor::mariadb, meta.binlog_gtid)) {
            problems_.fault(errc::config_bad_value,
                            m.place("binlog-gtid"),
                            "binlog-gtid: " + printed(meta.binlog_gtid) + " is not a set of GTIDs",
                            "MySQL: 3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5; MariaDB: 0-1-5.");
        }
        if (!incremental) {
            problems_.warning(
                meta.place,
                "meta has no effect in this task-mode: the copy's own position is used",
                "Remove it, or set task-mode: incremental.");
        }
        return meta;
    }

    /// The names of a list, each once.
    template <class Use>
    void for_names(const field_reader& r, std::string_view key, named_blocks& blocks, Use&& use) {
        std::set<std::string> seen;
        for (const node_ptr& item : r.items(key)) {
            if (item->what != yaml_node::kind::scalar) continue;
            if (!seen.insert(item->text).second) {
                problems_.fault(errc::config_bad_value,
                                item->place,
                                std::string(key) + " names " + printed(item->text) + " twice",
                                "Remove one of the two.");
                continue;
            }
            if (const yaml_entry* e = blocks.use(item->text, item->place, problems_)) use(*e);
        }
    }

    void read_rules(const field_reader& r, instance& in) {
        for_names(r, "route-rules", routes_, [&](const yaml_entry& e) {
            in.routes.push_back(read_route(e, problems_));
            in.routes.back().place = problems_.place(e.place);
        });
        for_names(r, "filter-rules", filters_, [&](const yaml_entry& e) {
            in.filters.push_back(read_filter(e.key, *e.value, problems_));
            in.filters.back().place = problems_.place(e.place);
        });
        for_names(r, "column-mapping-rules", mappings_, [&](const yaml_entry& e) {
            in.mappings.push_back(read_mapping(e, problems_));
            in.mappings.back().place = problems_.place(e.place);
        });
        for_names(r, "expression-filters", expressions_, [&](const yaml_entry& e) {
            in.expressions.push_back(read_expressions(e, problems_));
            in.expressions.back().place = problems_.place(e.place);
        });
        std::string name = r.text("block-allow-list");
        mark at = r.place("block-allow-list");
        const std::string old_name = r.text("black-white-list");
        if (!name.empty() && !old_name.empty() && name != old_name) {
            problems_.fault(
                errc::config_bad_value,
                r.place("black-white-list"),
                "block-allow-list and its old name black-white-list name different lists",
                "Remove black-white-list.");
        }
        if (name.empty()) {
            name = old_name;
            at = r.place("black-white-list");
        }
        if (name.empty()) return;
        if (const yaml_entry* e = lists_.use(name, at, problems_))
            in.list = read_list(*e, problems_);
    }

    /// The block that "<unit>-config-name" names, or the inline block `<unit>`.
    std::pair<const yaml_node*, mark> unit(const field_reader& r,
                                           const std::string& name,
                                           named_blocks& blocks) {
        const std::string name_key = name + "-config-name";
        const std::string wanted = r.text(name_key);
        const bool has_inline = r.has(name);
        if (!wanted.empty() && has_inline) {
            problems_.fault(errc::config_bad_value,
                            r.place(name_key),
                            name_key + " and " + name + " stand side by side",
                            "Give one of the two.");
        }
        if (has_inline) return {r.node(name), r.place(name)};
        if (wanted.empty()) return {nullptr, {}};
        const yaml_entry* e = blocks.use(wanted, r.place(name_key), problems_);
        return e == nullptr ? std::pair<const yaml_node*, mark>{nullptr, {}}
                            : std::pair{e->value.get(), e->place};
    }

    void read_units(const field_reader& r, instance& in) {
        const auto [mydumper, mydumper_place] = unit(r, "mydumper", mydumpers_);
        in.mydumper = read_once(
            mydumper,
            [&] { return read_mydumper(mydumper, mydumper_place, problems_); },
            read_mydumpers_);
        const auto [loader, loader_place] = unit(r, "loader", loaders_);
        in.loader = read_once(
            loader, [&] { return read_loader(loader, loader_place, problems_); }, read_loaders_);
        const auto [syncer, syncer_place] = unit(r, "syncer", syncers_);
        in.syncer = read_once(
            syncer, [&] { return read_syncer(syncer, syncer_place, problems_); }, read_syncers_);
        if (const int n = r.number("mydumper-thread"); n > 0) in.mydumper.threads = n;
        if (const int n = r.number("loader-thread"); n > 0) in.loader.pool_size = n;
        if (const int n = r.number("syncer-thread"); n > 0) in.syncer.worker_count = n;
        for (const char* key : {"validator-config-name", "continuous-validator-config-name"}) {
            const std::string name = r.text(key);
            if (name.empty()) continue;
            validators_.use(name, r.place(key), problems_);
        }
    }
    /// A block that several instances share tells its problems once.
    template <class Read, class Cache>
    static typename Cache::mapped_type read_once(const yaml_node* node, Read&& read, Cache& cache) {
        const auto found = cache.find(node);
        return found != cache.end() ? found->second : cache.emplace(node, read()).first->second;
    }

    const field_reader& task_;
    task_file& out_;
    problem_list& problems_;
    named_blocks routes_;
    named_blocks filters_;
    named_blocks mappings_;
    named_blocks expressions_;
    named_blocks lists_;
    named_blocks mydumpers_;
    named_blocks loaders_;
    named_blocks syncers_;
    named_blocks validators_;
    std::map<std::string, mark> sources_;
    std::map<const yaml_node*, mydumper_config> read_mydumpers_;
    std::map<const yaml_node*, loader_config> read_loaders_;
    std::map<const yaml_node*, syncer_config> read_syncers_;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
