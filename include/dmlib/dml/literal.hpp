// SQL literals: how the values of one source column are written for one target column.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

/// How a column's values become text. Decided once per column, not per row.
enum class literal_form : std::uint8_t {
    number,      ///< integers, decimals, floats, BIT, YEAR
    temporal,    ///< quoted ASCII
    text,        ///< characters that are UTF-8 already
    other_text,  ///< characters of another charset: an introducer, or transcoded for TiDB
    binary,      ///< bytes
    json,        ///< a JSON document
    member,      ///< ENUM: index, or the member's name where the target's list differs
    member_set,  ///< SET: mask, or names
    inet4,       ///< MariaDB INET4, INET6, UUID: text form of the stored bytes
    inet6,
    uuid_text,
};

namespace internal {
class shown_form;
}

/// Writes values of one column. Immutable; may be used from several threads.
class column_writer {
public:
    column_writer() = default;

    /// Appends a literal for INSERT and SET. The session must have charset utf8mb4, time_zone
    /// '+00:00' and backslash escapes. Values of kind `text` and `bytes` (full copy) and all kinds
    /// of the binlog are taken.
    DMLIB_DECL void append(std::string& out, const value_view& v) const;
    /// Appends "`c` = literal" (or IS NULL) as the target's key compares it.
    DMLIB_DECL void append_equal(std::string& out,
                                 std::string_view quoted_column,
                                 const value_view& v) const;
    /// Appends a comparison that holds for exactly this value and not for collation-equal ones;
    /// for tables without a key.
    DMLIB_DECL void append_identical(std::string& out,
                                     std::string_view quoted_column,
                                     const value_view& v) const;
    /// True where strict mode would refuse the value although the source holds it (ENUM index 0).
    DMLIB_DECL bool needs_lenient_mode(const value_view& v) const noexcept;
    /// True where the target's UPDATE takes two different values for the same one and leaves the
    /// old one: TiDB compares ENUMs by name, and the error value has the name of a member ''. A
    /// `before` that is absent may be either.
    DMLIB_DECL bool looks_unchanged(const value_view& before,
                                    const value_view& after) const noexcept;
    /// The number of an ENUM's member that has a name; 0 where there is none.
    DMLIB_DECL std::size_t named_member() const noexcept;
    /// False where check() finds nothing in any value.
    bool may_refuse() const noexcept {
        return form_ == literal_form::other_text && dialect_ == target_dialect::tidb;
    }
    /// Whether the target can be told the value: TiDB gets UTF-8, which bytes may be that the
    /// source's charset has no character for, or Unicode does not. Errors: db_data_too_long.
    DMLIB_DECL result<void> check(const value_view& v) const;
    literal_form form() const noexcept { return form_; }

private:
    friend column_writer make_column_writer(const schema::column&,
                                            const schema::column*,
                                            target_dialect);
    /// Between families of types: the text that the source shows.
    enum class crossing : std::uint8_t { none, quoted, number };

    void append_value(std::string& out, const value_view& v) const;
    bool append_shown(std::string& out, const value_view& v) const;
    void append_bytes(std::string& out, std::string_view raw) const;
    void append_member(std::string& out, std::uint64_t index) const;
    void append_members(std::string& out, std::uint64_t mask) const;

    literal_form form_ = literal_form::number;
    target_dialect dialect_ = target_dialect::mysql;
    crossing crossing_ = crossing::none;
    std::shared_ptr<const internal::shown_form> shown_;  // of a crossing
    bool by_name_ = false;                               // ENUM and SET: write names
    bool is_float_ = false;    // a 32-bit float on the target: compare as double
    bool ascii_safe_ = false;  // bytes below 0x80 are ASCII in the source's charset
    std::uint32_t width_ = 0;  // of BINARY(n): row events leave out zeros at the end
    bool is_json_target_ = false;
    bool is_char_target_ = false;
    std::string charset_;         // of the source column
    std::string target_charset_;  // of the target column, "" for binary
    std::shared_ptr<const std::vector<std::string>> members_;
    /// Of a SET that is written by names: its members in the order in which the target shows them.
    std::vector<std::uint8_t> member_order_;
};

/// `target` may be null: the target's column is taken to be as the source's.
DMLIB_DECL column_writer make_column_writer(const schema::column& source,
                                            const schema::column* target,
                                            target_dialect dialect);

/// Appends text in single quotes, escaped for a utf8mb4 session.
DMLIB_DECL void append_quoted(std::string& out, std::string_view text);
/// Appends 0x...; '' for nothing.
DMLIB_DECL void append_hex(std::string& out, std::string_view bytes);

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/literal.ipp>
#endif
