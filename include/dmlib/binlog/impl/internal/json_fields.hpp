// What each event says in its JSON line beyond the common fields.
#pragma once

#include <dmlib/binlog/event.hpp>
#include <dmlib/binlog/impl/internal/json_values.hpp>

#include <fmt/format.h>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

inline std::string hex_of(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

/// X'78',X'',1
inline std::string xa_text(const xa_id& id) {
    return fmt::format("X'{}',X'{}',{}", hex_of(id.gtrid), hex_of(id.bqual), id.format);
}

/// Appends `,"name":value` members.
class json_fields {
public:
    explicit json_fields(std::string& out) : out_(out) {}

    void name(std::string_view n) {
        out_ += ",\"";
        out_ += n;
        out_ += "\":";
    }
    void text(std::string_view n, std::string_view value) {
        name(n);
        append_string(out_, value);
    }
    template <class T>
    void number(std::string_view n, T value) {
        name(n);
        append_integer(out_, value);
    }
    void flag(std::string_view n, bool value) {
        name(n);
        out_ += value ? "true" : "false";
    }
    template <class T>
    void optional_number(std::string_view n, const std::optional<T>& value) {
        if (value) number(n, *value);
    }

    result<void> operator()(const undecoded&) { return {}; }
    result<void> operator()(const format_description& f) {
        number("binlog_version", f.binlog_version);
        text("server_version", f.server_version);
        text("checksum", f.checksum == checksum_algorithm::crc32 ? "crc32" : "none");
        return {};
    }
    result<void> operator()(const rotate& r) {
        text("next_file", r.next_file);
        number("next_pos", r.next_pos);
        return {};
    }
    result<void> operator()(const query& q) {
        text("schema", q.schema);
        text("query", q.text);
        optional_number("sql_mode", q.status.sql_mode);
        if (q.status.time_zone) text("time_zone", *q.status.time_zone);
        if (q.status.charset) {
            const charset_ids& c = *q.status.charset;
            name("charset");
            out_ += fmt::format(
                R"({{"client":{},"connection":{},"server":{}}})", c.client, c.connection, c.server);
        }
        number("thread_id", q.thread_id);
        number("error_code", q.error_code);
        optional_number("flags2", q.status.flags2);
        optional_number("microseconds", q.status.microseconds);
        optional_number("ddl_xid", q.status.ddl_xid);
        optional_number("default_collation_for_utf8mb4", q.status.default_collation_for_utf8mb4);
        return {};
    }
    result<void> operator()(const xid& x) {
        number("xid", x.id);
        return {};
    }
    result<void> operator()(const mysql_gtid_event& g) {
        if (!g.anonymous)
            text("gtid",
                 dmlib::to_string(dmlib::gtid(mysql_gtid{g.sid, std::string(g.tag), g.number})));
        optional_number("last_committed", g.last_committed);
        optional_number("sequence_number", g.sequence_number);
        number("gtid_flags", g.gtid_flags);
        optional_number("immediate_commit_timestamp", g.immediate_commit_us);
        optional_number("original_commit_timestamp", g.original_commit_us);
        optional_number("transaction_length", g.transaction_length);
        optional_number("immediate_server_version", g.immediate_server_version);
        optional_number("original_server_version", g.original_server_version);
        optional_number("commit_group_ticket", g.commit_group_ticket);
        return {};
    }
    result<void> operator()(const mariadb_gtid_event& g) {
        text("gtid", dmlib::to_string(dmlib::gtid(g.id)));
        optional_number("commit_id", g.commit_id);
        number("gtid_flags", g.flags);
        if (g.flags_extra != 0) number("gtid_flags_extra", g.flags_extra);
        if (g.xa) text("xid", xa_text(*g.xa));
        optional_number("alter_sequence", g.alter_sequence);
        return {};
    }
    result<void> operator()(const previous_gtids& g) {
        auto set = mysql_gtid_set::decode(g.body);
        if (!set) return set.error();
        text("gtid_set", set->to_string());
        return {};
    }
    result<void> operator()(const gtid_list& g) {
        auto set = mariadb_gtid_set::decode(g.body);
        if (!set) return set.error();
        text("gtid_set", set->to_string());
        return {};
    }
    result<void> operator()(const table_map_event& m) {
        const table_map& t = *m.table;
        number("table_id", t.table_id());
        text("schema", t.schema());
        text("table", t.table());
        name("columns");
        out_.push_back('[');
        for (std::size_t i = 0; i < t.column_count(); ++i) column_of(t, i);
        out_.push_back(']');
        return {};
    }
    result<void> operator()(const rows_event& r) {
        if (r.table) {
            text("schema", r.table->schema());
            text("table", r.table->table());
        }
        number("table_id", r.table_id);
        flag("statement_end", r.statement_end);
        optional_number("partition", r.partition);
        optional_number("source_partition", r.source_partition);
        return {};
    }
    result<void> operator()(const rows_query& q) {
        text("query", q.text);
        return {};
    }
    result<void> operator()(const heartbeat& h) {
        text("log_file", h.file);
        number("log_pos", h.pos);
        return {};
    }
    result<void> operator()(const incident& i) {
        number("incident", i.number);
        text("message", i.message);
        return {};
    }
    result<void> operator()(const intvar& v) {
        text("name", v.kind == 1 ? "LAST_INSERT_ID" : "INSERT_ID");
        number("value", v.value);
        return {};
    }
    result<void> operator()(const rand_seeds& r) {
        number("seed1", r.seed1);
        number("seed2", r.seed2);
        return {};
    }
    result<void> operator()(const user_var& v) {
        constexpr std::string_view types[] = {"STRING", "REAL", "INT", "ROW", "DECIMAL"};
        text("name", v.name);
        if (!v.is_null) {
            text("var_type", types[static_cast<int>(v.type)]);
            flag("unsigned", v.is_unsigned);
            number("charset", v.collation);
        }
        name("value");
        return user_value(v);
    }
    result<void> operator()(const stop&) { return {}; }
    result<void> operator()(const xa_prepare& x) {
        text("xid", xa_text(x.id));
        flag("one_phase", x.one_phase);
        return {};
    }
    result<void> operator()(const binlog_checkpoint& c) {
        text("log_file", c.log_file);
        return {};
    }
    result<void> operator()(const start_encryption& e) {
        number("scheme", e.scheme);
        number("key_version", e.key_version);
        text("nonce", hex_of(as_text(e.nonce)));
        return {};
    }
    result<void> operator()(const load_block& b) {
        number("file_id", b.file_id);
        number("block_size", b.data.size());
        return {};
    }
    result<void> operator()(const load_delete& d) {
        number("file_id", d.file_id);
        return {};
    }
    result<void> operator()(const load_query& q) {
        if (auto ok = (*this)(q.statement); !ok) return ok;
        number("file_id", q.file_id);
        number("name_start", q.name_start);
        number("name_end", q.name_end);
        text("duplicates", q.duplicates == 1 ? "ignore" : q.duplicates == 2 ? "replace" : "error");
        return {};
    }
    result<void> operator()(const transaction_payload& t) {
        text("compression", t.compression == 0 ? "zstd" : "none");
        number("payload_size", t.payload.size());
        number("uncompressed_size", t.uncompressed_size);
        return {};
    }
    result<void> operator()(const row_fragment& f) {
        number("fragment", f.number);
        number("fragments", f.total);
        return {};
    }

private:
    void column_of(const table_map& t, std::size_t i) {
        const column& c = t.columns()[i];
        if (i != 0) out_.push_back(',');
        out_ += "{\"type\":\"";
        out_ += type_name(c);
        out_.push_back('"');
        const bool numeric = c.type == column_type::newdecimal || c.type == column_type::float32 ||
                             c.type == column_type::float64 || integer_size(c.type) != 0;
        if (t.has_signedness() && numeric) flag("unsigned", c.is_unsigned);
        if (!t.details().empty()) details_of(t, t.details()[i]);
        flag("nullable", c.nullable);
        number("metadata", c.metadata);
        out_.push_back('}');
    }
    void details_of(const table_map& t, const column_details& d) {
        if (t.has_names()) text("name", d.name);
        if (d.collation != 0) number("collation", d.collation);
        if (!d.members.empty()) {
            name("members");
            out_.push_back('[');
            for (std::size_t i = 0; i < d.members.size(); ++i) {
                if (i != 0) out_.push_back(',');
                append_string(out_, d.members[i]);
            }
            out_.push_back(']');
        }
        if (d.geometry_type != 0) number("geometry_type", d.geometry_type);
        if (d.dimensions != 0) number("dimensions", d.dimensions);
        if (d.key_position >= 0) number("primary_key", d.key_position + 1);
        if (d.key_prefix != 0) number("primary_key_prefix", d.key_prefix);
        if (t.has_visibility() && !d.visible) flag("visible", false);
    }
    result<void> user_value(const user_var& v) {
        if (v.is_null) {
            out_ += "null";
            return {};
        }
        if (v.type == user_var::kind::integer) {
            const std::uint64_t n = byte_cursor(v.raw).u64();
            v.is_unsigned ? append_integer(out_, n)
                          : append_integer(out_, static_cast<std::int64_t>(n));
        } else if (v.type == user_var::kind::real) {
            const std::uint64_t bits = byte_cursor(v.raw).u64();
            double d = 0;
            std::memcpy(&d, &bits, sizeof d);
            append_real(out_, d);
        } else if (v.type == user_var::kind::decimal) {
            if (v.raw.size() < 3 || v.raw[1] > v.raw[0] ||
                v.raw.size() - 2 != decimal_size(v.raw[0], v.raw[1])) {
                return error(errc::binlog_corrupt, "a user variable's decimal is wrong");
            }
            out_.push_back('"');
            append_decimal(out_, v.raw.subspan(2), v.raw[0], v.raw[1]);
            out_.push_back('"');
        } else {
            append_string(out_, as_text(v.raw));
        }
        return {};
    }

    std::string& out_;
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
