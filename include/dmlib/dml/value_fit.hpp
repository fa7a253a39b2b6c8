// Whether a column of the target keeps the values of a column of the source as they are.
#pragma once

#include <dmlib/core/error.hpp>
#include <dmlib/model/names.hpp>
#include <dmlib/model/value.hpp>
#include <dmlib/schema/table.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {

namespace internal {
class shown_form;
}

/// A pair of columns of which the target's cannot hold every value of the source's. Servers cut
/// much of that without an error, also in strict mode: digits behind the point of numbers and
/// times, digits of FLOAT, blanks at the end of texts; and they make something else of much: 2 of
/// the text '1.6', 2005 of the year 5, the first member of '1'. So each value is looked at before
/// it is written. Immutable.
class value_fit {
public:
    /// Nothing where the target's column keeps every value, or where its server refuses the others.
    DMLIB_DECL static std::optional<value_fit> between(const schema::column& source,
                                                       const schema::column& target);
    /// True where the target would store another value.
    DMLIB_DECL bool changes(const value_view& v) const;
    /// True where no value but NULL is kept.
    bool keeps_none() const noexcept { return rule_ == rule::never; }
    /// True where the columns are of different families, so that a value which the target's does
    /// not keep might find another row there.
    bool crosses() const noexcept { return crosses_; }
    /// True where servers warn about each value that they cut.
    bool server_tells() const noexcept { return rule_ == rule::text_bytes && !loses_blanks_; }
    /// "column `d` is decimal(5,1) there and decimal(7,3) on the source"
    const std::string& text() const noexcept { return text_; }
    /// db_data_too_long of a value that `changes`.
    DMLIB_DECL error fault(const table_name& source,
                           const table_name& target,
                           const value_view& v) const;

private:
    enum class rule : std::uint8_t {
        number,
        fraction,     ///< of TIME, DATETIME, TIMESTAMP
        midnight,     ///< a DATE gets what has a time of day
        never,        ///< no value stays what it is
        characters,   ///< limit_ in characters
        text_bytes,   ///< limit_ in bytes of the target's charset
        bytes,        ///< limit_ in bytes, of binary strings
        exact_bytes,  ///< BINARY(limit_), which fills up
        same_text,    ///< the target has to show the same text
        document,     ///< JSON made of text
    };

    void of_numbers(const schema::column& source, const schema::column& target);
    void of_moments(const schema::column& source, const schema::column& target);
    void of_texts(const schema::column& source, const schema::column& target);
    void of_bytes(const schema::column& source, const schema::column& target);
    void of_members(const schema::column& source, const schema::column& target);
    void of_families(const schema::column& source, const schema::column& target);
    void into_text(const schema::column& target, std::optional<std::uint64_t> longest);
    bool number_changes(const std::string& text) const;
    bool text_changes(std::string_view raw) const;
    bool bytes_change(std::string_view raw) const;
    bool shown_changes(const value_view& v) const;
    std::string described(const value_view& v) const;
    bool same_text_changes(const std::string& text) const;

    rule rule_ = rule::never;
    bool needed_ = true;  // some value may change
    bool crosses_ = false;
    std::shared_ptr<const internal::shown_form> shown_;  // where the source's text counts
    std::shared_ptr<const schema::column> target_;       // of same_text
    schema::type_kind goal_ = schema::type_kind::other;
    bool is_unsigned_ = false;
    std::string most_;                       // of integers, BIT and YEAR
    std::optional<std::uint64_t> whole_;     // digits in front of the point that fit
    std::optional<std::uint64_t> decimals_;  // digits behind the point that fit
    std::uint64_t limit_ = 0;
    std::uint64_t source_width_ = 0;  // of BINARY(n): row events leave out zeros at the end
    bool from_bytes_ = false;         // of which a text is made
    bool loses_blanks_ = false;       // CHAR gives back no blanks at the end
    std::string charset_;
    std::uint8_t target_bytes_ = 4;  // of a character of the target's charset
    std::string text_;
};

/// The constant that a route fills into a column of the target, as a column of the source.
DMLIB_DECL schema::column filled_column(const schema::column& target);

/// db_data_too_long of such a constant that the target's column would not show again as it is:
/// servers make 1 of '01', and take digits as the place of a member of an ENUM.
DMLIB_DECL std::optional<error> filled_fault(const std::string& text,
                                             const schema::column& target,
                                             const table_name& source,
                                             const table_name& target_name);

}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/dml/impl/value_fit.ipp>
#endif
