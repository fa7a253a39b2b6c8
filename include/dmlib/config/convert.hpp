// Brings files of older versions of DM to the form that is read today, and writes commented ones.
#pragma once

#include <dmlib/config/load.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {

enum class file_kind : std::uint8_t { task, source };

/// What a conversion changed, or what it leaves to a person.
struct conversion_note {
    mark place;            ///< in the file that was converted
    std::string what;      ///< one sentence; never holds a password
    bool by_hand = false;  ///< somebody has to decide or do something
};

struct convert_options {
    /// The file was written for DM before 6.0: what it does not say meant something else then
    /// (online-ddl was off).
    bool before_6_0 = true;
};

/// A converted file.
struct conversion {
    file_kind kind = file_kind::task;
    /// YAML; empty where the file could not be read. Comments are kept, anchors and aliases are
    /// written out.
    std::string text;
    std::vector<conversion_note> notes;  ///< in the order of the file
    std::vector<problem> problems;       ///< why the file could not be read
    bool ok() const noexcept { return !has_errors(problems); }
};

/// Takes a task file or source file of DM 1.x to 5.x (YAML), or a worker's file of DM 1.x (TOML),
/// which becomes a source file. The result says the same in the current form: it loads where the
/// rest of it is right (load_task, load_source tell). Never throws on bad input. A file in the
/// current form comes out as it is, but for its layout.
DMLIB_DECL conversion convert_file(std::string_view file_name,
                                   std::string_view text,
                                   const convert_options& options = {});

/// A file with every key, its default and one sentence about it. What has to be filled in stands
/// there with an example; everything else is a comment: a line "#key: value" is a setting, "# text"
/// explains. Loads as it is.
DMLIB_DECL std::string file_template(file_kind kind);

}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/config/impl/convert.ipp>
#include <dmlib/config/impl/template.ipp>
#endif
