#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/statement.hpp>
#include <dmlib/dump/ddl_scan.hpp>
#include <dmlib/model/charset.hpp>
#include <dmlib/model/transcode.hpp>
#include <dmlib/mysql/binlog_stream.hpp>

#include <algorithm>
#include <type_traits>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

namespace internal {

// Collects the names of every kind of statement that changes tables.
class touch_collector {
public:
    touch_collector(ddl_touch& out, const std::string& default_schema)
        : out_(out), default_schema_(default_schema) {}

    void operator()(const sql::other_statement&) {}
    void operator()(const sql::use_statement&) {}
    void operator()(const sql::set_statement&) {}
    // Their options are defaults of tables to come.
    void operator()(const sql::create_database_statement&) {}
    void operator()(const sql::alter_database_statement&) {}
    void operator()(const sql::drop_database_statement& s) { out_.schemas.push_back(s.name); }
    void operator()(const sql::create_table_statement& s) {
        if (s.temporary) return;
        add(s.table);
        if (!s.if_not_exists && !s.or_replace) made();
        if (s.like) add(*s.like);
    }
    void operator()(const sql::alter_table_statement& s) {
        add(s.table);
        for (const sql::alter_spec& spec : s.specs) {
            if (const auto* rename = std::get_if<sql::rename_to>(&spec.change)) {
                add(rename->table);
                made();
            }
            if (const auto* part = std::get_if<sql::partition_change>(&spec.change))
                if (part->table) add(*part->table);
        }
    }
    void operator()(const sql::drop_table_statement& s) {
        if (s.temporary) return;
        for (const table_name& t : s.tables) add(t);
    }
    void operator()(const sql::rename_table_statement& s) {
        for (const auto& pair : s.pairs) {
            add(pair.from);
            add(pair.to);
            made();
        }
    }
    void operator()(const sql::truncate_table_statement& s) { add(s.table); }
    void operator()(const sql::create_index_statement& s) { add(s.table); }
    void operator()(const sql::drop_index_statement& s) { add(s.table); }
    void operator()(const sql::create_sequence_statement& s) { add(s.name); }
    void operator()(const sql::alter_sequence_statement& s) { add(s.name); }
    void operator()(const sql::drop_sequence_statement& s) {
        for (const table_name& t : s.names) add(t);
    }

private:
    void add(table_name name) {
        if (name.schema.empty()) name.schema = default_schema_;
        out_.tables.push_back(std::move(name));
    }
    void made() { out_.made.push_back(out_.tables.back()); }

    ddl_touch& out_;
    const std::string& default_schema_;
};

inline table_name folded_name(const table_name& name, const ddl_history::fold_function& fold) {
    return {fold(name.schema), fold(name.table)};
}

inline bool hits(const ddl_touch& touch,
                 const std::set<table_name>& folded,
                 const ddl_history::fold_function& fold) {
    if (touch.everything) return !folded.empty();
    for (const table_name& t : touch.tables)
        if (folded.contains(folded_name(t, fold))) return true;
    for (const std::string& s : touch.schemas) {
        const std::string name = fold(s);
        for (const table_name& t : folded)
            if (t.schema == name) return true;
    }
    return false;
}

}  // namespace internal

DMLIB_DECL ddl_touch touched_by(std::string_view text,
                                const std::string& default_schema,
                                const sql::parse_options& options) {
    ddl_touch touch;
    if (binlog::classify_statement(text) != binlog::statement_class::ddl) return touch;
    const auto statement = sql::parse_statement(text, options);
    if (!statement) {
        touch.everything = true;
        return touch;
    }
    std::visit(internal::touch_collector(touch, default_schema), statement->node);
    return touch;
}

DMLIB_DECL bool ddl_history::touches_any(const std::set<table_name>& folded,
                                         const fold_function& fold) const {
    return std::any_of(touches.begin(), touches.end(), [&](const ddl_touch& t) {
        return internal::hits(t, folded, fold);
    });
}

DMLIB_DECL std::set<table_name> ddl_history::tied_to(const std::set<table_name>& folded,
                                                     const std::set<table_name>& all,
                                                     const fold_function& fold) const {
    std::set<table_name> tied;
    std::set<table_name> reach = folded;
    for (bool grew = true; grew;) {
        grew = false;
        for (const ddl_touch& touch : touches) {
            if (!internal::hits(touch, reach, fold)) continue;
            std::set<table_name> names;
            for (const table_name& t : touch.tables) names.insert(internal::folded_name(t, fold));
            for (const table_name& t : all) {
                const bool in_schema = std::any_of(
                    touch.schemas.begin(), touch.schemas.end(), [&](const std::string& s) {
                        return fold(s) == t.schema;
                    });
                if (touch.everything || in_schema) names.insert(t);
            }
            for (const table_name& t : names) {
                grew = reach.insert(t).second || grew;
                grew = tied.insert(t).second || grew;
            }
        }
    }
    return tied;
}

namespace internal {

// Event codes that a scan for DDL decodes; everything else is passed over unread.
inline constexpr std::uint8_t code_query = 2;
inline constexpr std::uint8_t code_rotate = 4;
inline constexpr std::uint8_t code_format = 15;
inline constexpr std::uint8_t code_xa_prepare = 38;
inline constexpr std::uint8_t code_query_compressed = 165;

inline std::uint64_t statement_mode(const binlog::query& q) {
    return q.status.sql_mode.value_or(0);
}

class ddl_scanner {
public:
    ddl_scanner(const mysql::server_facts& facts, const binlog_position& to)
        : facts_(facts), to_(to) {}

    // False at the end.
    result<bool> take(byte_view packet, ddl_history& history) {
        if (packet.size() < 19) return error(errc::binlog_truncated);
        const std::uint8_t code = packet[4];
        byte_cursor header(packet);
        header.skip(13);
        const std::uint32_t log_pos = header.u32();
        if (code == code_xa_prepare) ++prepared_;
        const bool entry = code == code_rotate || code == code_format;
        if (entry || code == code_query || code == code_query_compressed) {
            auto event = decoder_.push(packet);
            if (!event) return event.error();
            if (const auto* r = (*event)->get<binlog::rotate>()) file_ = r->next_file;
            if (const auto* q = (*event)->get<binlog::query>()) take_query(*q, history);
        }
        // The header's offset has 32 bits: behind 4 GiB it is too small, and more is read than
        // needed, which does no harm.
        if (entry || log_pos == 0 || file_.empty()) return true;
        return compare(binlog_position{file_, log_pos}, to_) < 0;
    }

private:
    void take_query(const binlog::query& q, ddl_history& history) {
        const auto cls = binlog::classify_statement(q.text);
        if (cls == binlog::statement_class::xa_commit) {
            if (prepared_ == 0)
                history.foreign_xa_commit = true;
            else
                --prepared_;
        }
        if (cls != binlog::statement_class::ddl) return;
        sql::parse_options options;
        options.flavor = facts_.flavor();
        options.version = facts_.version();
        options.mode = statement_mode(q);
        // Names arrive in the client's charset; the rest of the copy has them in UTF-8.
        std::string text(q.text);
        const auto* collation =
            q.status.charset ? find_collation(facts_.flavor(), q.status.charset->client) : nullptr;
        if (collation && collation->charset != "utf8mb4") {
            auto converted = to_utf8(q.text, collation->charset);
            if (converted) text = std::move(*converted);
        }
        ddl_touch touch = touched_by(text, std::string(q.schema), options);
        if (!touch.empty()) history.touches.push_back(std::move(touch));
    }

    const mysql::server_facts& facts_;
    const binlog_position& to_;
    binlog::decoder decoder_;
    std::string file_;
    std::uint64_t prepared_ = 0;
};

}  // namespace internal

DMLIB_DECL result<ddl_history> scan_ddl(const mysql::connect_options& source,
                                        const mysql::server_facts& facts,
                                        const binlog_position& from,
                                        const binlog_position& to,
                                        std::uint32_t server_id,
                                        const std::function<void(mysql::canceller)>& connected) {
    ddl_history history;
    if (compare(from, to) >= 0) return history;
    auto session = mysql::session::connect(source);
    if (!session) return session.error();
    if (connected) connected(session->get_canceller());
    mysql::stream_options options;
    options.start.position = from;
    options.server_id = server_id;
    options.wait_for_more = false;
    options.register_replica = false;
    auto stream = mysql::binlog_stream::open(std::move(*session), facts, options);
    if (!stream) return stream.error();
    internal::ddl_scanner scanner(facts, to);
    for (;;) {
        auto packet = stream->next();
        if (!packet) return packet.error();
        if (packet->empty()) return history;
        auto more = scanner.take(*packet, history);
        if (!more) return more.error();
        if (!*more) return history;
    }
}

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib
