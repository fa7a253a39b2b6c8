// Cuts a script into statements by the rules of the mysql and mariadb clients.
#pragma once

#include <dmlib/sql/parser.hpp>

#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {

struct script_statement {
    std::string_view text;   ///< borrowed from the script; without the delimiter
    std::uint32_t line = 1;  ///< 1-based, of the first token
    std::size_t offset = 0;  ///< of the text in the script
};

/// All statements in order, without DELIMITER commands and empty statements. Comments in front of
/// a statement belong to no statement. sql_mode in `options` decides about quotes; a statement
/// SET sql_mode in the middle is the caller's affair: use next() with changed options then.
/// Lifetime: the texts borrow from `script`.
DMLIB_DECL std::vector<script_statement> split_script(std::string_view script,
                                                      const parse_options& options);

/// The same one at a time, so that the options may change between statements.
class script_splitter {
public:
    explicit script_splitter(std::string_view script) : script_(script) {}
    /// False at the end.
    DMLIB_DECL bool next(const parse_options& options, script_statement& out);

private:
    std::string_view script_;
    std::string delimiter_ = ";";
    std::size_t position_ = 0;
    std::uint32_t line_ = 1;
};

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/sql/impl/script_splitter.ipp>
#endif
