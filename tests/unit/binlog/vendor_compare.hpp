// Compares what we decode with the text of a vendor's tool: event by event, value by value.
#pragma once

#include <dmlib/binlog/rows.hpp>

#include <catch2/catch.hpp>

#include "binlog_files.hpp"
#include "vendor_text.hpp"
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

namespace binlog_test {

/// Walks through a tool's values as our rows come.
struct comparison {
    using column = dmlib::binlog::column;
    using column_type = dmlib::binlog::column_type;
    using rows_event = dmlib::binlog::rows_event;
    using rows_kind = dmlib::binlog::rows_kind;
    using value_kind = dmlib::value_kind;
    using value_view = dmlib::value_view;

    const vendor_decode& vendor;
    std::size_t at = 0;
    bool stop = false;
    std::size_t compared = 0;

    /// Server, end and kind of the event number `i`. Inside a payload the tool prints its end.
    void header(const dmlib::binlog::event& e, std::size_t i) const {
        if (i >= vendor.headers.size()) return;
        const vendor_header& theirs = vendor.headers[i];
        const auto end = e.in_payload ? static_cast<std::uint32_t>(e.next) : e.header.log_pos;
        const bool same = theirs.server_id == e.header.server_id && theirs.end_log_pos == end &&
                          title_fits(theirs.title, e.header.code);
        if (!same) {
            FAIL_CHECK("event " << i << ": code " << int{e.header.code} << " end " << end
                                << " here, " << theirs.title.substr(0, 60) << " end "
                                << theirs.end_log_pos << " there");
        }
    }

    /// False: the tool left out the rest of this event.
    bool value(const column& c, std::size_t i, const value_view& v) {
        if (stop || at == vendor.values.size()) {
            stop = true;
            return false;
        }
        const vendor_value& theirs = vendor.values[at++];
        if (theirs.column != static_cast<int>(i + 1)) {
            FAIL_CHECK("column " << i + 1 << " here, @" << theirs.column << " there, value " << at);
            stop = true;
            return false;
        }
        if (theirs.unreadable) return false;
        std::string ours;
        const bool compressed = c.type == column_type::mariadb_blob_compressed ||
                                c.type == column_type::mariadb_varchar_compressed;
        const bool partial = theirs.text.starts_with("JSON_") || v.kind == value_kind::json_diff;
        if (!compressed && !partial && !same_as_vendor(c, v, theirs.text, ours)) {
            FAIL_CHECK("value " << at << " @" << i + 1 << ": ours " << ours.substr(0, 200)
                                << ", theirs " << theirs.text.substr(0, 200));
            return true;
        }
        ++compared;
        return true;
    }

    bool image(const dmlib::binlog::table_map& map, std::span<const value_view> values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].is_absent()) continue;
            if (!value(map.columns()[i], i, values[i])) return false;
        }
        return true;
    }

    void rows(const rows_event& r) {
        if (!r.table) return;
        std::vector<value_view> before(r.table->column_count());
        std::vector<value_view> after(r.table->column_count());
        dmlib::binlog::byte_arena arena;
        dmlib::binlog::row_decoder decoder(r, {}, &arena);
        for (;;) {
            auto more = decoder.next(before, after);
            REQUIRE(more);
            if (!*more) return;
            if (r.kind != rows_kind::insert && !image(*r.table, before)) return;
            if (r.kind != rows_kind::remove && !image(*r.table, after)) return;
        }
    }
};

/// Compares a file with one tool's text. Returns whether the tool read it to its end.
inline bool compare_file(const std::string& bytes,
                         const std::string& text,
                         dmlib::binlog::file_reader_options options = {},
                         std::size_t piece = std::size_t{1} << 18) {
    using namespace dmlib::binlog;
    const vendor_decode vendor = read_vendor(text);
    comparison c{vendor};
    std::vector<std::uint64_t> positions;
    const auto use = [&](const event& e) {
        c.header(e, positions.size());
        // The tool prints the events inside a payload with the position behind it.
        positions.push_back(e.in_payload ? e.next : e.start);
        if (const auto* r = e.get<rows_event>()) c.rows(*r);
    };
    const auto fault = read_all(bytes, piece, use, std::move(options));
    CHECK_FALSE(fault);
    if (fault) std::cerr << fault->to_string() << "\n";
    const bool all_positions = vendor.positions == positions;
    if (!all_positions) {
        // The tool stopped in between.
        REQUIRE(vendor.positions.size() <= positions.size());
        const std::vector<std::uint64_t> begin(
            positions.begin(),
            positions.begin() + static_cast<std::ptrdiff_t>(vendor.positions.size()));
        CHECK(vendor.positions == begin);
    }
    CHECK(vendor.headers.size() == vendor.positions.size());
    CHECK(c.at == vendor.values.size());
    return all_positions && c.at == vendor.values.size() && !c.stop;
}

}  // namespace binlog_test
