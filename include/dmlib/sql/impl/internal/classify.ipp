// The kind of a statement by its first words.
#pragma once

#include <dmlib/sql/impl/internal/ddl_parser.hpp>

#include <array>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

/// The first tokens of a statement, read as far as they are asked for. More than `limit` are never
/// needed for its kind.
class statement_head {
public:
    static constexpr std::size_t limit = 40;

    statement_head(std::string_view text, const parse_options& options, std::size_t start = 0)
        : text_(text), in_(text, options, start) {}

    std::string_view text() const noexcept { return text_; }
    bool has(std::size_t i) {
        while (size_ <= i && !ended_ && size_ < limit) {
            tokens_[size_] = in_.next();
            last_ = tokens_[size_].kind;
            ended_ = last_ == token_kind::end || last_ == token_kind::invalid;
            if (!ended_) ++size_;
        }
        return i < size_;
    }
    /// Preconditions: has(i).
    const token& operator[](std::size_t i) const noexcept { return tokens_[i]; }
    keyword at(std::size_t i) {
        return has(i) ? static_cast<keyword>(tokens_[i].keyword) : k_unlisted;
    }
    bool op(std::size_t i, char c) {
        return has(i) && tokens_[i].kind == token_kind::punctuation &&
               tokens_[i].op == static_cast<std::uint8_t>(c);
    }
    /// Nothing but blanks, comments and delimiters.
    bool empty() {
        std::size_t i = 0;
        while (op(i, ';')) ++i;
        return !has(i) && last_ == token_kind::end;
    }

private:
    std::string_view text_;
    lexer in_;
    std::array<token, limit> tokens_;
    std::size_t size_ = 0;
    bool ended_ = false;
    token_kind last_ = token_kind::invalid;
};

/// Passes OR REPLACE, DEFINER = x, ALGORITHM = x, SQL SECURITY x, AGGREGATE and the like.
inline std::size_t skip_definition_options(statement_head& h, std::size_t i) {
    for (;;) {
        switch (h.at(i)) {
            case k_or:
                i += 2;
                continue;
            case k_algorithm:
                i += h.op(i + 1, '=') ? 3 : 2;
                continue;
            case k_sql:
                if (h.at(i + 1) != k_security) return i;
                i += 3;
                continue;
            case k_aggregate:
            case k_online:
            case k_offline:
            case k_unique:
            case k_fulltext:
            case k_undo:
            case k_ignore:
            case k_external:
            case k_materialized:
            case k_json:
            case k_relational:
            case k_duality:
                ++i;
                continue;
            case k_vector:
            case k_spatial:
                if (h.at(i + 1) == k_reference) return i;
                ++i;
                continue;
            case k_definer: {
                i += h.op(i + 1, '=') ? 2 : 1;
                ++i;                       // the user
                if (h.op(i, '(')) i += 2;  // CURRENT_USER()
                if (h.has(i) && h[i].kind == token_kind::user_variable) {
                    ++i;
                } else if (h.op(i, '@')) {
                    i += 2;
                }
                continue;
            }
            default:
                return i;
        }
    }
}

enum class definition_verb : std::uint8_t { create, alter, drop };

/// The kind of CREATE/ALTER/DROP by the word of the object at `i`.
inline statement_kind definition_kind(statement_head& h, definition_verb verb, std::size_t i) {
    using s = statement_kind;
    const auto pick = [verb](s create, s alter, s drop) {
        return verb == definition_verb::create  ? create
               : verb == definition_verb::alter ? alter
                                                : drop;
    };
    const bool temporary = h.at(i) == k_temporary;
    if (temporary) ++i;
    switch (h.at(i)) {
        case k_table:
        case k_tables:
            if (temporary) {
                return pick(s::create_temporary_table, s::alter_other, s::drop_temporary_table);
            }
            return pick(s::create_table, s::alter_table, s::drop_table);
        case k_index:
            return pick(s::create_index, s::alter_other, s::drop_index);
        case k_database:
        case k_schema:
            return pick(s::create_database, s::alter_database, s::drop_database);
        case k_sequence:
            return pick(s::create_sequence, s::alter_sequence, s::drop_sequence);
        case k_view:
            return pick(s::create_view, s::alter_view, s::drop_view);
        case k_procedure:
            return pick(s::create_procedure, s::alter_procedure, s::drop_procedure);
        case k_function:
            return pick(s::create_function, s::alter_function, s::drop_function);
        case k_package:
            if (h.at(i + 1) == k_body) {
                return pick(s::create_package_body, s::alter_other, s::drop_package_body);
            }
            return pick(s::create_package, s::alter_other, s::drop_package);
        case k_trigger:
            return pick(s::create_trigger, s::alter_trigger, s::drop_trigger);
        case k_event:
            return pick(s::create_event, s::alter_event, s::drop_event);
        case k_user:
            return pick(s::create_user, s::alter_user, s::drop_user);
        case k_role:
            return pick(s::create_role, s::alter_other, s::drop_role);
        case k_server:
            return pick(s::create_server, s::alter_server, s::drop_server);
        case k_tablespace:
            return pick(s::create_tablespace, s::alter_tablespace, s::drop_tablespace);
        case k_logfile:
            return pick(s::create_logfile_group, s::alter_logfile_group, s::drop_logfile_group);
        case k_resource:
            return pick(s::create_resource_group, s::alter_resource_group, s::drop_resource_group);
        case k_spatial:
            return pick(s::create_spatial_reference_system,
                        s::alter_other,
                        s::drop_spatial_reference_system);
        case k_library:
            return pick(s::create_library, s::alter_library, s::drop_library);
        case k_masking:
            return pick(s::create_masking_policy, s::alter_other, s::drop_masking_policy);
        case k_placement:
            return pick(
                s::create_placement_policy, s::alter_placement_policy, s::drop_placement_policy);
        case k_instance:
            return pick(s::create_other, s::alter_instance, s::drop_other);
        case k_prepare:
            return pick(s::create_other, s::alter_other, s::deallocate);
        default:
            return pick(s::create_other, s::alter_other, s::drop_other);
    }
}

/// WITH x AS (...) SELECT|UPDATE|DELETE: the first verb outside of parentheses.
inline statement_kind with_kind(std::string_view text,
                                const parse_options& options,
                                std::size_t start) {
    lexer in{text, options, start};
    std::size_t open = 0;
    for (;;) {
        const token t = in.next();
        if (t.kind == token_kind::end || t.kind == token_kind::invalid) return statement_kind::with;
        if (t.kind == token_kind::punctuation) {
            if (t.op == '(') ++open;
            if (t.op == ')' && open > 0) --open;
        }
        if (open != 0 || t.kind != token_kind::word) continue;
        switch (t.keyword) {
            case k_select:
                return statement_kind::select;
            case k_update:
                return statement_kind::update;
            case k_delete:
                return statement_kind::delete_;
            case k_insert:
                return statement_kind::insert;
            case k_replace:
                return statement_kind::replace;
            default:
                break;
        }
    }
}

inline statement_kind xa_kind(statement_head& h) {
    switch (h.at(1)) {
        case k_start:
        case k_begin:
            return statement_kind::xa_start;
        case k_end:
            return statement_kind::xa_end;
        case k_prepare:
            return statement_kind::xa_prepare;
        case k_commit:
            return statement_kind::xa_commit;
        case k_rollback:
            return statement_kind::xa_rollback;
        case k_recover:
            return statement_kind::xa_recover;
        default:
            return statement_kind::unknown;
    }
}

inline statement_kind set_kind(statement_head& h) {
    using s = statement_kind;
    const std::size_t scope =
        h.at(1) == k_global || h.at(1) == k_session || h.at(1) == k_local ? 2 : 1;
    const bool assignment =
        h.op(scope + 1, '=') || (h.has(scope + 1) && h[scope + 1].op == token_op::assign);
    if (!assignment && h.at(scope) == k_transaction) return s::set_transaction;
    if (h.at(1) == k_password) return s::set_password;
    if (!assignment && h.at(1) == k_role) return s::set_role;
    if (h.at(1) == k_default && h.at(2) == k_role) return s::set_default_role;
    if (h.at(1) == k_resource) return s::set_resource_group;
    return s::set;
}

inline statement_kind start_kind(statement_head& h, bool start) {
    using s = statement_kind;
    switch (h.at(1)) {
        case k_transaction:
            return s::begin;
        case k_group_replication:
            return start ? s::start_group_replication : s::stop_group_replication;
        case k_slave:
        case k_replica:
        case k_all:
            return start ? s::start_replica : s::stop_replica;
        default:
            return s::unknown;
    }
}

/// Statements about the server and its sessions.
inline statement_kind server_kind_of(statement_head& h) {
    using s = statement_kind;
    const keyword next = h.at(1);
    switch (h.at(0)) {
        case k_flush:
            return s::flush;
        case k_reset:
            return s::reset;
        case k_purge:
            return s::purge;
        case k_kill:
            return s::kill;
        case k_show:
            return s::show;
        case k_desc:
        case k_describe:
            return s::describe;
        case k_explain:
            return s::explain;
        case k_help:
            return s::help;
        case k_cache:
            return s::cache_index;
        case k_binlog:
            return s::binlog;
        case k_shutdown:
            return s::shutdown;
        case k_restart:
            return s::restart;
        case k_clone:
            return s::clone;
        case k_install:
            return next == k_component ? s::install_component : s::install_plugin;
        case k_uninstall:
            return next == k_component ? s::uninstall_component : s::uninstall_plugin;
        case k_change:
            return next == k_replication ? s::change_replication : s::change_master;
        case k_prepare:
            return s::prepare;
        case k_execute:
            return next == k_immediate ? s::execute_immediate : s::execute;
        case k_deallocate:
            return s::deallocate;
        case k_signal:
            return s::signal;
        case k_resignal:
            return s::resignal;
        case k_get:
            return s::get_diagnostics;
        case k_backup:
            return s::backup;
        case k_grant:
            return s::grant;
        case k_revoke:
            return s::revoke;
        case k_admin:
            return s::tidb_admin;
        default:
            return s::unknown;
    }
}

/// Two-word statements that are neither definitions nor data.
inline statement_kind administration_kind(statement_head& h) {
    using s = statement_kind;
    const keyword next = h.at(1);
    switch (h.at(0)) {
        case k_lock:
            return next == k_instance ? s::lock_instance : s::lock_tables;
        case k_unlock:
            return next == k_instance ? s::unlock_instance : s::unlock_tables;
        case k_analyze: {
            const bool table = next == k_table || next == k_tables || next == k_local ||
                               next == k_no_write_to_binlog;
            return table ? s::analyze_table : s::explain;
        }
        case k_check:
            return s::check_table;
        case k_checksum:
            return s::checksum_table;
        case k_optimize:
            return s::optimize_table;
        case k_repair:
            return s::repair_table;
        default:
            return server_kind_of(h);
    }
}

inline statement_kind data_kind(statement_head& h) {
    using s = statement_kind;
    const keyword next = h.at(1);
    switch (h.at(0)) {
        case k_insert:
            return s::insert;
        case k_replace:
            return s::replace;
        case k_update:
            return s::update;
        case k_delete:
            return s::delete_;
        case k_select:
            return s::select;
        case k_values:
            return s::values;
        case k_table:
            return s::table;
        case k_call:
            return s::call;
        case k_do:
            return s::do_;
        case k_handler:
            return s::handler;
        case k_import:
            return s::import_table;
        case k_load:
            if (next == k_index) return s::load_index;
            return next == k_xml ? s::load_xml : s::load_data;
        case k_begin:
            return next == k_not ? s::compound : s::begin;
        case k_commit:
            return s::commit;
        case k_rollback: {
            const std::size_t w = next == k_work ? 2 : 1;
            return h.at(w) == k_to ? s::rollback_to_savepoint : s::rollback;
        }
        case k_savepoint:
            return s::savepoint;
        case k_release:
            return s::release_savepoint;
        case k_if:
        case k_case:
        case k_loop:
        case k_while:
        case k_repeat:
        case k_for:
        case k_declare:
            return s::compound;
        default:
            return s::unknown;
    }
}

inline statement_kind kind_of(statement_head& h, const parse_options& options) {
    using s = statement_kind;
    if (h.empty()) return s::empty;
    if (h.op(0, '(')) {
        std::size_t i = 0;
        while (h.op(i, '(')) ++i;
        return h.at(i) == k_values ? s::values : s::select;
    }
    switch (h.at(0)) {
        case k_create:
            return definition_kind(h, definition_verb::create, skip_definition_options(h, 1));
        case k_alter:
            return definition_kind(h, definition_verb::alter, skip_definition_options(h, 1));
        case k_drop:
            return definition_kind(h, definition_verb::drop, skip_definition_options(h, 1));
        case k_rename:
            return h.at(1) == k_user ? s::rename_user : s::rename_table;
        case k_truncate:
            return s::truncate_table;
        case k_use:
            return s::use;
        case k_set:
            return set_kind(h);
        case k_xa:
            return xa_kind(h);
        case k_with:
            return with_kind(h.text(), options, h[0].begin);
        case k_start:
            return start_kind(h, true);
        case k_stop:
            return start_kind(h, false);
        default:
            break;
    }
    const s data = data_kind(h);
    return data != s::unknown ? data : administration_kind(h);
}

/// The object's name behind CREATE|ALTER|DROP ... VIEW and other words, best effort.
inline void named_objects(statement_head& h,
                          const parse_options& options,
                          std::vector<table_name>& out) {
    const keyword verb = h.at(0);
    if (verb != k_create && verb != k_alter && verb != k_drop) return;
    std::size_t i = skip_definition_options(h, 1);
    const keyword object = h.at(i);
    if (object != k_view && object != k_trigger && object != k_procedure && object != k_function &&
        object != k_event) {
        return;
    }
    ++i;
    if (h.at(i) == k_if) i += h.at(i + 1) == k_not ? 3 : 2;
    const auto name = [&](std::size_t at) {
        const token& t = h[at];
        return decode_identifier(h.text().substr(t.begin, t.end - t.begin), options);
    };
    const auto is_name = [&](std::size_t at) {
        return h.has(at) &&
               (h[at].kind == token_kind::word || h[at].kind == token_kind::quoted_identifier);
    };
    while (is_name(i)) {
        table_name& n = out.emplace_back();
        n.table = name(i++);
        if (h.op(i, '.') && is_name(i + 1)) {
            n.schema = std::move(n.table);
            n.table = name(i + 1);
            i += 2;
        }
        if (verb != k_drop || !h.op(i, ',')) return;
        ++i;
    }
}

}  // namespace internal
}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
