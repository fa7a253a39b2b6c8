// The decoder's state and its steps: header, checksum, position, body.
#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/impl/internal/checksum.hpp>
#include <dmlib/binlog/impl/internal/gtid_bodies.hpp>
#include <dmlib/binlog/impl/internal/payload_reader.hpp>
#include <dmlib/binlog/impl/internal/plain_bodies.hpp>
#include <dmlib/binlog/impl/internal/row_fragments.hpp>
#include <dmlib/binlog/impl/internal/rows_body.hpp>
#include <dmlib/binlog/impl/internal/table_maps.hpp>
#include <dmlib/binlog/rows.hpp>

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {
namespace internal {

/// Field by field to where it is kept: a copy of what was just written in pieces has to wait for
/// them.
inline void read_header(byte_view bytes, event_header& h) noexcept {
    byte_cursor p(bytes.first(header_size));
    h.timestamp = p.u32();
    h.code = p.u8();
    h.server_id = p.u32();
    h.size = p.u32();
    h.log_pos = p.u32();
    h.flags = p.u16();
}
inline event_header read_header(byte_view bytes) noexcept {
    event_header h;
    read_header(bytes, h);
    return h;
}

struct decoder_state {
    explicit decoder_state(const decoder_options& o)
        : options(o), dialect(o.dialect.value_or(flavor::mysql)) {
        set_default_lengths();
    }

    decoder_options options;
    flavor dialect;
    checksum_algorithm checksum = checksum_algorithm::none;
    bool has_format = false;
    std::array<std::uint8_t, 256> post_header{};
    std::size_t header_length = header_size;  // of all but rotate and format description
    std::string server_version;
    binlog_position position;
    table_maps maps;
    payload_reader payload;
    row_fragments fragments;
    raw_buffer plain;
    event current;
    std::uint64_t payload_start = 0;
    std::uint64_t payload_next = 0;
    std::optional<error> fault;

    /// What every server since 5.0 writes, for streams whose format description is not seen.
    void set_default_lengths() {
        header_length = header_size;
        post_header.fill(0);
        post_header[2] = 13;
        post_header[4] = 8;
        post_header[18] = 26;
        post_header[19] = 8;
        for (std::size_t code = 23; code <= 25; ++code) post_header[code] = 8;
        for (std::size_t code = 30; code <= 32; ++code) post_header[code] = 10;
        post_header[39] = 10;
        post_header[165] = 13;
        for (std::size_t code = 166; code <= 168; ++code) post_header[code] = 8;
        for (std::size_t code = 169; code <= 171; ++code) post_header[code] = 10;
    }

    error fail(errc code, std::string what) { return fail(error(code, std::move(what))); }
    error fail(error e) {
        e.position(position.file, current.start);
        fault = e;
        return e;
    }

    result<const event*> push(byte_view bytes, const std::optional<std::uint64_t>& start) {
        if (fault) return *fault;
        if (payload.active()) {
            return fail(errc::internal_bug,
                        "the events inside a payload were not taken (next_inner)");
        }
        current.start = start.value_or(position.pos);
        if (bytes.size() < header_size) return fail(errc::binlog_truncated, "an event is cut off");
        read_header(bytes, current.header);
        current.in_payload = false;
        const event_header& h = current.header;
        if (h.size < header_size || h.size > options.max_event_size) {
            return fail(errc::binlog_corrupt, fmt::format("an event's size is {}", h.size));
        }
        if (bytes.size() < h.size) return fail(errc::binlog_truncated, "an event is cut off");
        const bool exact = bytes.size() == h.size;
        bytes = bytes.first(h.size);
        if (h.code == 15) {
            if (auto done = take_format(bytes); !done) return done.error();
            place(start);
            return &current;
        }
        // A rotate comes before the format description that says how long headers are.
        const std::size_t head = h.code == 4 ? header_size : header_length;
        if (h.size < head) {
            return fail(errc::binlog_corrupt, fmt::format("an event's size is {}", h.size));
        }
        byte_view body = bytes.subspan(head);
        if (auto done = check_sum(bytes, exact, body); !done) return done.error();
        return decode(body, start);
    }

    result<const event*> next_inner() {
        if (fault) return *fault;
        if (!payload.active()) return static_cast<const event*>(nullptr);
        byte_view bytes;
        const auto outcome = payload.next(bytes, options.max_event_size);
        current.start = payload_start;
        if (outcome == payload_reader::outcome::broken) {
            return fail(errc::binlog_corrupt, "a transaction payload cannot be decompressed");
        }
        if (outcome == payload_reader::outcome::end) return static_cast<const event*>(nullptr);
        read_header(bytes, current.header);
        current.in_payload = true;
        current.artificial = false;
        current.next = payload_next;
        const std::uint8_t code = current.header.code;
        if (code == 40 || code == 15 || code == 4) {
            return fail(errc::binlog_corrupt,
                        fmt::format("an event of type {} inside a payload", code));
        }
        return decode_body(bytes.subspan(header_size));
    }

private:
    /// The length that a format description states for itself fits the number of its lengths.
    /// Where there is no checksum this shows that its size and the server's version are whole.
    static bool states_own_length(const format_description& f) noexcept {
        constexpr std::size_t own = 15;
        const auto n = f.post_header_lengths.size();
        return n >= own && f.post_header_lengths[own - 1] == static_cast<std::uint8_t>(57 + n);
    }

    /// The sum over a format description. Its in-use flag is changed in the file when that is
    /// closed; the sum is without it. `algorithm`: in place of the one that stands there.
    static std::uint32_t format_sum(byte_view bytes, checksum_algorithm algorithm) {
        std::uint8_t head[header_size];
        std::memcpy(head, bytes.data(), header_size);
        head[17] &= 0xfe;
        const byte_view middle = bytes.subspan(header_size, bytes.size() - header_size - 5);
        const auto last = static_cast<std::uint8_t>(algorithm);
        return crc_of({&last, 1}, crc_of(middle, crc_of(head)));
    }

    /// False: the format description is damaged. A server that knows checksums writes one here
    /// also where the events have none, but a stream changes the event then and leaves it as it
    /// was; so a sum that does not fit tells only where it would with checksums switched on.
    static bool is_whole(byte_view bytes, const format_description& f, bool knows_checksums) {
        if (!knows_checksums) return states_own_length(f);
        const std::uint32_t sum = byte_cursor(bytes.last(4)).u32();
        const bool on = sum == format_sum(bytes, checksum_algorithm::crc32);
        if (f.checksum == checksum_algorithm::crc32) return on;
        return !on && (sum == format_sum(bytes, f.checksum) || states_own_length(f));
    }

    result<void> take_format(byte_view bytes) {
        format_description f;
        std::size_t checksum_bytes = 0;
        byte_cursor p(bytes.subspan(header_size));
        if (!read_format_description(p, f, checksum_bytes)) {
            return fail(errc::binlog_corrupt, "the format description event is wrong");
        }
        if (options.verify_checksum && !is_whole(bytes, f, checksum_bytes != 0)) return wrong_sum();
        checksum = f.checksum;
        has_format = true;
        server_version = std::string(f.server_version);
        if (!options.dialect && dialect != f.dialect) {
            dialect = f.dialect;
            maps.forget();  // the same bytes may mean something else
        }
        f.dialect = dialect;
        set_default_lengths();
        header_length = f.header_length;
        for (std::size_t i = 0; i < f.post_header_lengths.size() && i < 255; ++i) {
            post_header[i + 1] = f.post_header_lengths[i];
        }
        maps.end_statement();
        // The server died within a statement and began a new file.
        if (current.header.log_pos != 0) fragments.stop();
        current.status = event_status::handled;
        current.reason = current.way_out = {};
        current.body = f;
        return {};
    }

    error wrong_sum() {
        return fail(errc::binlog_checksum, "the event's checksum does not match its bytes");
    }

    /// Rows that nobody wants (decoder::ignore_rows), at the place that the stream is at: what else
    /// of the event has an effect is its position.
    bool is_unwanted_rows(const event_header& h) const noexcept {
        return maps.all_ignored() && traits_of(static_cast<event_type>(h.code)).has_value() &&
               (h.log_pos == 0 || h.log_pos == static_cast<std::uint32_t>(current.start + h.size));
    }

    /// Verifies and cuts off the checksum.
    result<void> check_sum(byte_view bytes, bool exact, byte_view& body) {
        const auto matches = [&] {
            return body.size() >= 4 &&
                   byte_cursor(bytes.last(4)).u32() == crc_of(bytes.first(bytes.size() - 4));
        };
        bool present = checksum == checksum_algorithm::crc32;
        // The rotate that begins a stream comes before the format description that tells: its own
        // sum does.
        const event_header& h = current.header;
        if (h.code == 4 && (h.log_pos == 0 || h.timestamp == 0 || !has_format)) present = matches();
        if (!present) return {};
        if (body.size() < 4)
            return fail(errc::binlog_corrupt, "an event has no room for its checksum");
        const bool verify = options.verify_checksum && !(exact && is_unwanted_rows(h));
        if (verify && !matches()) return wrong_sum();
        body = body.first(body.size() - 4);
        return {};
    }

    result<const event*> decode(byte_view body, const std::optional<std::uint64_t>& start) {
        place(start);
        if (auto done = decode_body(body); !done) return done.error();
        if (const auto* r = current.get<rotate>()) {
            if (!start) position = {std::string(r->next_file), r->next_pos};
        }
        return &current;
    }

    /// Start and end of the event in the source's file, in 64 bits.
    void place(const std::optional<std::uint64_t>& start) {
        const event_header& h = current.header;
        // 164: MariaDB sends an empty one where a stream begins within an encrypted file.
        current.artificial = (h.flags & header_flag::artificial) != 0 || h.code == 27 ||
                             h.code == 41 || (h.code == 4 && h.timestamp == 0) ||
                             ((h.code == 4 || h.code == 15 || h.code == 164) && h.log_pos == 0);
        if (start) {
            current.start = *start;
            current.next = *start + h.size;
            position.pos = current.next;
            return;
        }
        if (current.artificial) {
            current.start = current.next = position.pos;
            return;
        }
        if (h.log_pos == 0) {
            current.start = position.pos;
            current.next = position.pos + h.size;
        } else {
            // The header has the low 32 bits of the end.
            std::uint64_t end = (position.pos & ~std::uint64_t{0xffffffff}) | h.log_pos;
            if (end < position.pos) end += std::uint64_t{1} << 32;
            current.next = end;
            current.start = end >= h.size ? end - h.size : 0;
        }
        position.pos = current.next;
    }

    void set_status(event_status s) {
        const event_rule& rule = rule_of(current.header.code);
        current.status = s;
        current.reason = s == event_status::handled ? std::string_view{} : rule.reason;
        current.way_out = s == event_status::refused ? rule.way_out : std::string_view{};
        if (s == event_status::ignorable && current.reason.empty()) {
            current.reason = "The server flagged the event as ignorable.";
        }
    }

    result<const event*> decode_body(byte_view body) {
        const std::uint8_t code = current.header.code;
        event_status status = status_of(dialect, code);
        // The flag speaks for events that are not known. What is known to change data stays
        // refused.
        if (status == event_status::refused && rule_of(code).name.empty() &&
            (current.header.flags & header_flag::ignorable) != 0) {
            set_status(event_status::ignorable);
            current.reason = "The server flagged the event as ignorable.";
            current.body = undecoded{body};
            return &current;
        }
        set_status(status);
        if (fragments.active() && code != 172 && !current.artificial) {
            return fail(errc::binlog_grammar, "an event stands between the pieces of a row event");
        }
        if (status != event_status::handled && code != 26) {
            current.body = undecoded{body};
            return &current;
        }
        byte_cursor p(body);
        const event_type type = current.type();
        if (const auto traits = traits_of(type)) return decode_rows(p, type, *traits);
        if (type == event_type::table_map) return decode_table_map(p);
        if (type == event_type::transaction_payload) return decode_payload(p);
        if (type == event_type::partial_row_data) return decode_fragment(p);
        if (!decode_plain(type, p)) {
            return fail(errc::binlog_corrupt,
                        name_of(dialect, code) + ": its body does not fit its format");
        }
        return &current;
    }

    /// Reads a body where it is to stand. False: a fault, after which nobody sees it.
    template <class T, class Read>
    bool body_of(Read read) {
        return read(current.body.emplace<T>());
    }

    bool decode_plain(event_type type, byte_cursor& p) {
        const std::size_t post = post_header[current.header.code];
        switch (type) {
            case event_type::query:
                return body_of<query>(
                    [&](query& q) { return read_query(p, post, post > 13 ? post - 13 : 0, q); });
            case event_type::query_compressed:
                return decode_compressed_query(p, post);
            case event_type::stop:
                return body_of<stop>([](stop&) { return true; });
            case event_type::rotate:
                return body_of<rotate>([&](rotate& r) {
                    r.artificial = current.artificial;
                    return read_rotate(p, r);
                });
            case event_type::intvar:
                return body_of<intvar>([&](intvar& v) { return read_intvar(p, v); });
            case event_type::rand:
                return body_of<rand_seeds>([&](rand_seeds& v) { return read_rand(p, v); });
            case event_type::user_var:
                return body_of<user_var>([&](user_var& v) { return read_user_var(p, v); });
            case event_type::xid:
                maps.end_statement();
                return body_of<xid>([&](xid& x) { return read_xid(p, x); });
            case event_type::append_block:
            case event_type::begin_load_query:
                return body_of<load_block>([&](load_block& b) { return read_load_block(p, b); });
            case event_type::delete_file:
                return body_of<load_delete>([&](load_delete& d) {
                    d.file_id = p.u32();
                    return p.ok();
                });
            case event_type::execute_load_query:
                return body_of<load_query>(
                    [&](load_query& q) { return read_load_query(p, post, q); });
            case event_type::incident:
                return body_of<incident>([&](incident& i) { return read_incident(p, i); });
            case event_type::rows_query:
                return body_of<rows_query>([&](rows_query& r) { return read_rows_query(p, r); });
            case event_type::annotate_rows:
                return body_of<rows_query>([&](rows_query& r) {
                    r.text = as_text(p.rest());
                    return true;
                });
            case event_type::heartbeat:
                return body_of<heartbeat>(
                    [&](heartbeat& b) { return read_heartbeat(p, current.header, b); });
            case event_type::heartbeat_v2:
                return body_of<heartbeat>([&](heartbeat& b) { return read_heartbeat_v2(p, b); });
            case event_type::xa_prepare:
                maps.end_statement();
                return body_of<xa_prepare>([&](xa_prepare& x) { return read_xa_prepare(p, x); });
            case event_type::binlog_checkpoint:
                return body_of<binlog_checkpoint>(
                    [&](binlog_checkpoint& c) { return read_binlog_checkpoint(p, c); });
            case event_type::start_encryption:
                return body_of<start_encryption>(
                    [&](start_encryption& e) { return read_start_encryption(p, e); });
            default:
                return decode_gtid(type, p);
        }
    }

    bool decode_gtid(event_type type, byte_cursor& p) {
        maps.end_statement();
        switch (type) {
            case event_type::gtid:
            case event_type::anonymous_gtid:
                return body_of<mysql_gtid_event>([&](mysql_gtid_event& g) {
                    return read_mysql_gtid(p, type == event_type::anonymous_gtid, g);
                });
            case event_type::gtid_tagged:
                return body_of<mysql_gtid_event>(
                    [&](mysql_gtid_event& g) { return read_tagged_gtid(p, g); });
            case event_type::mariadb_gtid:
                return body_of<mariadb_gtid_event>([&](mariadb_gtid_event& g) {
                    return read_mariadb_gtid(p, current.header.server_id, g);
                });
            case event_type::previous_gtids:
                current.body = previous_gtids{p.rest()};
                return true;
            case event_type::gtid_list:
                current.body = gtid_list{p.rest()};
                return true;
            default:
                return false;
        }
    }

    bool decode_compressed_query(byte_cursor& p, std::size_t post) {
        auto& q = current.body.emplace<query>();
        if (!read_query(p, post, post > 13 ? post - 13 : 0, q)) return false;
        byte_view text;
        if (!uncompress_event(as_bytes(q.text), options.max_event_size, plain, text)) return false;
        q.text = as_text(text);
        q.compressed = true;
        return true;
    }

    result<const event*> decode_table_map(byte_cursor& p) {
        const std::uint64_t id = p.le(post_header[19] == 6 ? 4 : 6);
        const std::uint16_t flags = p.u16();
        if (!p.ok()) return fail(errc::binlog_corrupt, "a table map event is cut off");
        const byte_view body = p.rest();
        const auto map = maps.add(id, flags, body, dialect);
        if (!map && map.error().code() == errc::binlog_refused) {
            current.status = event_status::refused;
            current.reason =
                "The table map is of a beta of MySQL 5.1 and says nothing of how wide "
                "its columns are.";
            current.way_out = "Copy the tables from that server with its own tools.";
            current.body = undecoded{body};
            return &current;
        }
        if (!map) return fail(map.error());
        current.body.emplace<table_map_event>(**map);
        return &current;
    }

    result<const event*> decode_fragment(byte_cursor& p) {
        row_fragment f;
        switch (fragments.add(p, options.max_event_size, f)) {
            case row_fragments::outcome::wrong:
                return fail(errc::binlog_corrupt, "a piece of a row event is out of order");
            case row_fragments::outcome::too_large:
                return fail(error(errc::internal_limit,
                                  fmt::format("a row event in pieces is larger than {} bytes",
                                              options.max_event_size)));
            case row_fragments::outcome::more:
                current.body = f;
                return &current;
            case row_fragments::outcome::whole:
                break;
        }
        event_type type{};
        byte_view body;
        if (!fragments.take(checksum == checksum_algorithm::crc32, type, body)) {
            return fail(errc::binlog_corrupt, "the pieces of a row event do not make one");
        }
        byte_cursor whole(body);
        return decode_rows(whole, type, *traits_of(type));
    }

    result<const event*> decode_rows(byte_cursor& p, event_type type, const rows_traits& traits) {
        auto& r = current.body.emplace<rows_event>();
        if (!read_rows(p, post_header[static_cast<std::size_t>(type)], traits, r)) {
            return fail(errc::binlog_corrupt, "a row event's header does not fit its format");
        }
        // What a server writes only to end a statement has no table and no rows.
        const bool dummy = (r.table_id == 0xffffffffffff || r.table_id == 0xffffff) &&
                           r.statement_end && r.rows.empty();
        const auto* live = maps.find(r.table_id);
        if (live == nullptr && !dummy) {
            return fail(
                errc::binlog_no_table_map,
                fmt::format("a row event names table id {} without a table map", r.table_id));
        }
        if (live != nullptr) {
            r.table = *live->map;
            if (r.table->column_count() != r.column_count) {
                error e(errc::binlog_corrupt,
                        fmt::format("a row event has {} columns, its table map {}",
                                    r.column_count,
                                    r.table->column_count()));
                e.table(std::string(r.table->schema()), std::string(r.table->table()));
                return fail(std::move(e));
            }
        }
        if (live != nullptr && live->ignored) {
            r.ignored = true;
            r.rows = {};
        }
        if (r.compressed && !r.rows.empty() &&
            !uncompress_event(r.rows, options.max_event_size, plain, r.rows)) {
            return fail(errc::binlog_corrupt, "a compressed row event cannot be decompressed");
        }
        r.uncounted = r.table && !r.ignored && r.kind == rows_kind::insert && r.rows.empty() &&
                      r.column_count != 0 && count_columns(r.after_columns, r.column_count) == 0;
        if (r.statement_end) maps.end_statement();
        return &current;
    }

    result<const event*> decode_payload(byte_cursor& p) {
        transaction_payload t;
        if (!read_payload(p, t))
            return fail(errc::binlog_corrupt, "a transaction payload's header is wrong");
        if (t.compression != 0 && t.compression != 255) {
            current.status = event_status::refused;
            current.reason =
                "The transaction payload is compressed with an algorithm that is not known.";
            current.way_out = "Set binlog_transaction_compression=OFF on the source.";
            current.body = undecoded{p.rest()};
            return &current;
        }
        payload.start(t);
        payload_start = current.start;
        payload_next = current.next;
        current.body = t;
        return &current;
    }
};

}  // namespace internal
}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
