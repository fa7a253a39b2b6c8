// From the keys of DM 1.x to 5.x to those of today, on a tree.
#pragma once

#include <dmlib/config/convert.hpp>
#include <dmlib/config/impl/internal/edit_tree.hpp>
#include <dmlib/config/impl/internal/key_check.hpp>
#include <dmlib/config/impl/internal/unit_reader.hpp>

#include <map>
#include <set>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

/// Named blocks of a task and the key of an instance that refers to them.
struct block_kind {
    std::string_view blocks;
    std::string_view reference;
};
inline constexpr block_kind block_kinds[] = {
    {"routes", "route-rules"},
    {"filters", "filter-rules"},
    {"column-mappings", "column-mapping-rules"},
    {"expression-filter", "expression-filters"},
    {"block-allow-list", "block-allow-list"},
    {"mydumpers", "mydumper-config-name"},
    {"loaders", "loader-config-name"},
    {"syncers", "syncer-config-name"},
    {"validators", "validator-config-name"},
};

/// Keys of a worker's file of DM 1.x that are not about the source.
inline constexpr std::string_view worker_keys[] = {
    "name",
    "log-level",
    "log-file",
    "log-format",
    "log-rotate",
    "worker-addr",
    "advertise-addr",
    "status-addr",
    "join",
    "keepalive-ttl",
    "relay-keepalive-ttl",
    "config-file",
    "print-version",
    "rpc-timeout",
    "secret-key-path",
    "redact-info-log",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "cert-allowed-cn",
};

class converter {
public:
    converter(const convert_options& options, std::vector<conversion_note>& notes)
        : options_(options), notes_(notes) {}

    void task(edit_node& root) {
        block(root, "task");
        comment_out_unused(root);
        if (join_lists(root)) comment_out_unused(root);
    }
    void source(edit_node& root) { block(root, "source"); }
    void worker(edit_node& root) {
        for (const std::string_view key : worker_keys) {
            drop(root, key, "is about DM's worker process");
        }
        if (root.find("enable-relay") == nullptr) {
            note(root.place,
                 "workers of DM 1.x always kept a copy of the binlog; enable-relay: true does that",
                 true);
        }
        block(root, "source");
    }

private:
    void note(const mark& at, std::string text, bool by_hand = false) {
        notes_.push_back({at, std::move(text), by_hand});
    }
    void drop(edit_node& map, std::string_view key, std::string_view why) {
        const edit_entry* e = map.find(key);
        if (e == nullptr) return;
        note(e->place, std::string(key) + " " + std::string(why) + ": removed");
        map.erase(key);
    }
    /// Where both stand in the file, one of them has to be empty; else loading says so.
    void rename(edit_node& map, std::string_view from, std::string_view to) {
        edit_entry* old = map.find(from);
        if (old == nullptr) return;
        const edit_entry* fresh = map.find(to);
        if (fresh != nullptr && !fresh->value.empty() && !old->value.empty()) return;
        if (fresh != nullptr && old->value.empty()) return drop(map, from, "is empty");
        if (fresh != nullptr) map.erase(to);
        old = map.find(from);
        note(old->place, std::string(from) + " is called " + std::string(to) + " now: renamed");
        old->key = std::string(to);
    }
    static bool is_true(const edit_entry* e) {
        return e != nullptr && read_bool(e->value.text).value_or(false);
    }

    void block(edit_node& map, std::string_view name) {
        if (!map.is_map()) return;
        if (name == "task") task_keys(map);
        if (name == "instance") {
            rename(map, "black-white-list", "block-allow-list");
            rename(map, "continuous-validator-config-name", "validator-config-name");
        }
        if (name == "loader") loader_keys(map);
        if (name == "mydumper") mydumper_arguments(map);
        if (name == "syncer" && is_true(map.find("enable-gtid"))) {
            note(
                map.find("enable-gtid")->place,
                "syncers: enable-gtid stands in the source file today; set enable-gtid: true there",
                true);
        }
        no_effect_keys(map, name);
        for (edit_entry& e : map.entries) below(e, find_row(name, e.key));
    }
    void below(edit_entry& e, const key_row* row) {
        if (row == nullptr) return;
        if (row->type == key_type::block_) block(e.value, row->of);
        if (row->type == key_type::list_) {
            for (edit_node& item : e.value.items) block(item, row->of);
        }
        if (row->type == key_type::map_) {
            for (edit_entry& named : e.value.entries) block(named.value, row->of);
        }
    }
    void no_effect_keys(edit_node& map, std::string_view name) {
        std::vector<std::string> keys;
        for (const edit_entry& e : map.entries) {
            const key_row* row = find_row(name, e.key);
            const bool dead = row != nullptr && (row->state == key_state::no_effect ||
                                                 row->state == key_state::removed);
            if (dead) keys.push_back(e.key);
        }
        for (const std::string& key : keys) drop(map, key, "has no effect");
    }

    void task_keys(edit_node& map) {
        rename(map, "black-white-list", "block-allow-list");
        if (edit_entry* old = map.find("is-sharding"); old != nullptr) {
            const edit_entry* fresh = map.find("shard-mode");
            if (is_true(old) && (fresh == nullptr || fresh->value.empty())) {
                if (fresh != nullptr) map.erase("shard-mode");
                old = map.find("is-sharding");
                note(old->place, "is-sharding: true is called shard-mode: pessimistic now");
                old->key = "shard-mode";
                set_text(*old, "pessimistic");
            } else {
                drop(map, "is-sharding", "says what shard-mode says");
            }
        }
        online_ddl(map);
        if (is_true(map.find("remove-meta"))) {
            note(map.find("remove-meta")->place,
                 "remove-meta: a task that has to begin anew needs another name, or its rows in "
                 "meta-schema removed",
                 true);
        }
        if (is_true(map.find("enable-heartbeat"))) {
            note(map.find("enable-heartbeat")->place,
                 "enable-heartbeat: the lag is in the status without a heartbeat table");
        }
    }
    void online_ddl(edit_node& map) {
        edit_entry* scheme = map.find("online-ddl-scheme");
        const edit_entry* fresh = map.find("online-ddl");
        if (scheme != nullptr && !scheme->value.empty()) {
            if (fresh != nullptr) map.erase("online-ddl");
            scheme = map.find("online-ddl-scheme");
            note(scheme->place, "online-ddl-scheme is online-ddl: true now");
            scheme->key = "online-ddl";
            set_text(*scheme, "true");
        } else if (fresh == nullptr && options_.before_6_0) {
            note(map.place, "online-ddl was off where a file did not say so: false is written");
            map.entries.push_back({"online-ddl", {}, edit_text("false"), false});
        }
    }
    static void set_text(edit_entry& e, std::string text) {
        const mark at = e.value.place;
        e.value = edit_text(std::move(text));
        e.value.place = at;
    }
    void loader_keys(edit_node& map) {
        rename(map, "on-duplicate", "on-duplicate-logical");
        edit_entry* mode = map.find("import-mode");
        const std::string word = mode == nullptr ? "" : fold_case(mode->value.text);
        if (word != "sql" && word != "loader") return;
        note(mode->place, "import-mode: " + word + " is called logical now");
        set_text(*mode, "logical");
    }

    /// Options that mydumper had and the copy here does not need or decides otherwise.
    void mydumper_arguments(edit_node& map) {
        edit_entry* e = map.find("extra-args");
        if (e == nullptr || !e->value.is_scalar() || e->value.empty()) return;
        const std::vector<std::string> all = split_arguments(e->value.text);
        std::vector<std::string> kept;
        bool tables = false;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const argument_fate fate = fate_of(all[i]);
            if (fate == argument_fate::keep) {
                kept.push_back(all[i]);
                continue;
            }
            tables = tables || fate == argument_fate::tables;
            const bool value = fate != argument_fate::alone &&
                               all[i].find('=') == std::string::npos && i + 1 < all.size() &&
                               !(all[i].size() > 2 && all[i][1] != '-');
            note(e->place, "extra-args: " + all[i].substr(0, all[i].find('=')) + " removed");
            if (value) ++i;
        }
        if (kept.size() == all.size()) return;
        if (tables) {
            note(e->place,
                 "extra-args chose tables for the copy; the block-allow-list does that today: see "
                 "that it names the same ones",
                 true);
        }
        std::string text;
        for (const std::string& k : kept) {
            text += (text.empty() ? "" : " ") + quoted_argument(k);
        }
        e->value.text = text;
        e->value.quoted = true;
    }
    enum class argument_fate : std::uint8_t { keep, tables, with_value, alone };
    static argument_fate fate_of(std::string_view option) {
        const std::string_view name = option.substr(0, option.find('='));
        for (const std::string_view t : {"--regex", "--database", "--tables-list", "--filter"}) {
            if (name == t) return argument_fate::tables;
        }
        for (const std::string_view t : {"-x", "-B", "-T", "-f"}) {
            if (option.starts_with(t)) return argument_fate::tables;
        }
        for (const std::string_view t : {"--consistency",
                                         "--statement-size",
                                         "--loglevel",
                                         "--logfile",
                                         "--verbose",
                                         "--outputdir"}) {
            if (name == t) return argument_fate::with_value;
        }
        for (const std::string_view t : {"-s", "-L", "-v", "-o"}) {
            if (option.starts_with(t)) return argument_fate::with_value;
        }
        for (const std::string_view t : {"--no-locks",
                                         "-k",
                                         "--less-locking",
                                         "--trx-consistency-only",
                                         "--skip-tz-utc",
                                         "--lock-all-tables",
                                         "--no-views",
                                         "-W",
                                         "--no-schemas-views"}) {
            if (name == t) return argument_fate::alone;
        }
        return argument_fate::keep;
    }

    /// Both names of the block-allow-list stand in the file, and nothing of the new one is used:
    /// the old one takes its place.
    bool join_lists(edit_node& root) {
        const std::string_view from = "black-white-list";
        const std::string_view to = "block-allow-list";
        edit_entry* fresh = root.find(to);
        edit_entry* old = root.find(from);
        if (fresh == nullptr || old == nullptr || !old->value.is_map() || !fresh->value.is_map())
            return false;
        for (const edit_entry& e : fresh->value.entries) {
            if (!e.commented) return false;
        }
        std::vector<edit_entry> comments = std::move(fresh->value.entries);
        root.erase(to);
        old = root.find(from);
        note(old->place, std::string(from) + " is called " + std::string(to) + " now: renamed");
        old->key = std::string(to);
        for (edit_entry& e : comments) old->value.entries.push_back(std::move(e));
        return true;
    }

    /// DM 1.x took blocks that nobody refers to; they are errors since.
    void comment_out_unused(edit_node& root) {
        edit_entry* instances = root.find("mysql-instances");
        if (instances == nullptr) return;
        const edit_entry* const old = root.find("black-white-list");
        for (const block_kind& kind : block_kinds) {
            edit_entry* blocks = root.find(kind.blocks);
            if (blocks == nullptr || !blocks->value.is_map()) continue;
            // A second list that is none: loading says so.
            if (old != nullptr && !old->value.is_map() && kind.blocks == "block-allow-list")
                continue;
            std::set<std::string> used;
            for (edit_node& in : instances->value.items) {
                const edit_entry* ref = in.find(kind.reference);
                if (ref == nullptr) continue;
                used.insert(ref->value.text);
                for (const edit_node& name : ref->value.items) used.insert(name.text);
            }
            for (edit_entry& e : blocks->value.entries) {
                if (e.commented || used.count(e.key) != 0) continue;
                e.commented = true;
                note(e.place,
                     std::string(kind.blocks) + "." + e.key.substr(0, 100) +
                         " is not used by any source: made a comment");
            }
        }
    }

    const convert_options& options_;
    std::vector<conversion_note>& notes_;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
