// Text of any charset as UTF-8, as the servers convert it: by tables that they were asked for
// (src/tables/collect_charsets.py), not by those of the C library, which differ.
#pragma once

#include <dmlib/core/error.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {

/// What `CONVERT(text USING utf8mb4)` shows for bytes of a charset (its canonical name). Texts of
/// utf8mb4, utf8mb3 and binary stay as they are. Errors: db_data_too_long where bytes are no
/// character of the charset or none of Unicode (the servers show '?'), and for a charset that is
/// not known.
DMLIB_DECL result<std::string> to_utf8(std::string_view bytes, std::string_view charset);

/// The inverse. Errors: db_data_too_long for characters that the charset lacks or has more than one
/// code for, and for UTF-16 and its like.
DMLIB_DECL result<std::string> from_utf8(std::string_view text, std::string_view charset);

}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/model/impl/transcode.ipp>
#endif
