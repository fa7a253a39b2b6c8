#pragma once

#include <dmlib/dump/snapshot.hpp>
#include <dmlib/dump/table_reader.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dump {

DMLIB_DECL void append_field(std::string& out, const char* bytes, std::size_t size) {
    if (size < 0xfb) {
        out.push_back(static_cast<char>(size));
    } else {
        const int width = size <= 0xffff ? 2 : size <= 0xffffff ? 3 : 8;
        out.push_back(static_cast<char>(width == 2 ? 0xfc : width == 3 ? 0xfd : 0xfe));
        for (int i = 0; i < width; ++i)
            out.push_back(static_cast<char>((std::uint64_t{size} >> (8 * i)) & 0xff));
    }
    out.append(bytes, size);
}

namespace internal {

// ER_TABLE_DEF_CHANGED, ER_NO_SUCH_TABLE, ER_BAD_FIELD_ERROR, ER_KEY_DOES_NOT_EXIST: what a reader
// meets when somebody changed the table since its snapshot.
inline bool says_changed(int server_errno) noexcept {
    return server_errno == 1412 || server_errno == 1146 || server_errno == 1054 ||
           server_errno == 1176;
}

inline error read_error(const error& e, const source_table& t) {
    error out = e;
    if (says_changed(e.server_errno())) {
        out = error(errc::dump_table_changed,
                    "The definition of " + quoted(t.definition.full_name()) +
                        " changed while it was copied: " + e.message());
        out.server_errno(e.server_errno());
    }
    out.table(t.definition.schema, t.definition.name);
    return out;
}

inline result<void> check_definition(mysql::session& s, const source_table& t) {
    const std::string name = quoted(t.definition.full_name());
    // Takes the metadata lock, which stays until the savepoint is rolled back.
    if (auto held = s.execute("SELECT 1 FROM " + name + " LIMIT 0"); !held)
        return read_error(held.error(), t);
    auto text = show_create(s, t.definition.full_name());
    if (!text) return read_error(text.error(), t);
    if (*text == t.create_text) return {};
    error e(errc::dump_table_changed,
            "The definition of " + name + " changed while it was copied.");
    e.table(t.definition.schema, t.definition.name);
    return e;
}

// Collects the rows of one range.
class batch_builder {
public:
    batch_builder(const source_table& t,
                  const checkpoint::key_range& range,
                  const read_options& options,
                  const batch_sink& sink)
        : table_(t), range_(range), options_(options), sink_(sink), reached_(range.lower) {}

    bool add(const mysql::row_view& row) {
        if (table_.filter && table_.filter->filters_inserts()) {
            auto dropped = is_dropped(row);
            if (!dropped) {
                fault_ = dropped.error();
                return false;
            }
            last_dropped_.clear();
            if (*dropped) {
                // The end of a batch may be this row's key.
                append_row(last_dropped_, row);
                ++seen_;
                return true;
            }
        }
        if (batch_.data.size() >= options_.batch_bytes && !hand_over(false)) return false;
        if (batch_.data.capacity() == 0)
            batch_.data.reserve(static_cast<std::size_t>(first_reserve_));
        last_row_ = batch_.data.size();
        append_row(batch_.data, row);
        ++batch_.rows;
        ++seen_;
        return true;
    }
    // The end of the rows. False where the sink wants no more.
    bool finish() {
        const bool cut_off = options_.limit != 0 && seen_ >= options_.limit;
        return hand_over(!cut_off);
    }
    std::uint64_t seen() const noexcept { return seen_; }
    std::uint64_t handed_over() const noexcept { return handed_over_; }
    const std::optional<error>& fault() const noexcept { return fault_; }
    bool broken_key() const noexcept { return broken_key_; }
    std::optional<checkpoint::key_range> rest() const {
        if (reached_ == range_.upper) return std::nullopt;
        return checkpoint::key_range{reached_, range_.upper};
    }

private:
    static void append_row(std::string& out, const mysql::row_view& row) {
        for (std::size_t i = 0; i < row.count; ++i) {
            if (row.is_null(i))
                append_null_field(out);
            else
                append_field(out, row.values[i], row.lengths[i]);
        }
    }

    result<bool> is_dropped(const mysql::row_view& row) {
        image_.clear();
        for (std::size_t i = 0; i < row.count; ++i) {
            image_.push_back(row.is_null(i)
                                 ? value_view::make_null()
                                 : value_view::make_bytes(
                                       value_kind::text,
                                       as_bytes(std::string_view(row.values[i], row.lengths[i]))));
        }
        return table_.filter->drops_insert(image_);
    }

    bool hand_over(bool last) {
        checkpoint::key_cut upper = range_.upper;
        if (!last && table_.ordered()) {
            const auto key = last_key();
            if (!key) {
                broken_key_ = true;
                return false;
            }
            upper = checkpoint::key_cut::after(*key);
        }
        batch_.range = {reached_, upper};
        batch_.last = last || (table_.ordered() && upper == range_.upper);
        const std::uint64_t rows = batch_.rows;
        // Later batches are as large as this one was, give or take a row.
        first_reserve_ = options_.batch_bytes + options_.batch_bytes / 16;
        if (!sink_(std::exchange(batch_, row_batch{}))) return false;
        handed_over_ += rows;
        if (last || table_.ordered()) reached_ = std::move(upper);
        return true;
    }

    std::optional<checkpoint::key_tuple> last_key() const {
        field_cursor fields(last_dropped_.empty() ? std::string_view(batch_.data).substr(last_row_)
                                                  : std::string_view(last_dropped_));
        std::vector<std::optional<std::string_view>> values;
        while (!fields.at_end()) values.push_back(fields.next());
        checkpoint::key_tuple key;
        for (const std::size_t place : table_.key_fields) {
            if (place >= values.size() || !values[place]) return std::nullopt;
            const auto number = checkpoint::key_number::parse(*values[place]);
            if (!number) return std::nullopt;
            key.push_back(*number);
        }
        return key;
    }

    const source_table& table_;
    const checkpoint::key_range& range_;
    const read_options& options_;
    const batch_sink& sink_;
    checkpoint::key_cut reached_;
    row_batch batch_;
    std::size_t last_row_ = 0;
    std::string last_dropped_;       // the last row read, where a filter left it out
    std::vector<value_view> image_;  // of a row, for the filter
    std::optional<error> fault_;
    std::uint64_t first_reserve_ = 4096;
    std::uint64_t seen_ = 0;
    std::uint64_t handed_over_ = 0;
    bool broken_key_ = false;
};

inline std::optional<error> stream_rows(mysql::session& s,
                                        const source_table& t,
                                        const std::string& sql,
                                        batch_builder& builder) {
    auto stream = s.open_stream(sql);
    if (!stream) return read_error(stream.error(), t);
    mysql::row_view row;
    for (;;) {
        auto more = stream->next(row);
        if (!more) return read_error(more.error(), t);
        if (!*more) break;
        if (!builder.add(row)) break;
    }
    if (builder.fault()) return read_error(*builder.fault(), t);
    if (builder.broken_key())
        return error(errc::internal_bug,
                     "A key column of " + quoted(t.definition.full_name()) + " is not an integer.");
    return std::nullopt;
}

}  // namespace internal

DMLIB_DECL read_result read_range(mysql::session& s,
                                  const source_table& t,
                                  const checkpoint::key_range& range,
                                  const read_options& options,
                                  bool release,
                                  const batch_sink& sink) {
    read_result out;
    bool stopped = false;
    const batch_sink watched = [&](row_batch&& b) {
        stopped = !sink(std::move(b));
        return !stopped;
    };
    internal::batch_builder builder(t, range, options, watched);
    if (auto same = internal::check_definition(s, t); !same) {
        out.failure = same.error();
    } else {
        out.failure =
            internal::stream_rows(s, t, select_statement(t, range, options.limit), builder);
        if (!out.failure && !stopped) builder.finish();
        if (!out.failure && stopped) out.failure = error(errc::task_stopped);
    }
    out.rows = builder.handed_over();
    out.rest = builder.rest();
    if (release && s.is_open())
        if (auto released = release_metadata_locks(s); !released && !out.failure && out.rest)
            out.failure = released.error();
    return out;
}

DMLIB_DECL result<std::optional<key_bounds>> read_key_bounds(mysql::session& s,
                                                             const source_table& t) {
    const std::string column = quoted_identifier(t.key_columns.front());
    auto row = s.query("SELECT MIN(" + column + "), MAX(" + column + ") FROM " +
                       quoted(t.definition.full_name()));
    if (!row) return internal::read_error(row.error(), t);
    const auto least = row->get(0, 0);
    const auto greatest = row->get(0, 1);
    if (!least || !greatest) return std::optional<key_bounds>{};
    const auto a = checkpoint::key_number::parse(*least);
    const auto b = checkpoint::key_number::parse(*greatest);
    if (!a || !b) return std::optional<key_bounds>{};
    return std::optional<key_bounds>{key_bounds{*a, *b}};
}

}  // namespace dump
}  // namespace DMLIB_ABI
}  // namespace dmlib
