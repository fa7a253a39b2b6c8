// The only place with build macros. A program is built in one of two modes and never in both:
//   compiled     DMLIB_SEPARATE_COMPILATION is defined (the CMake target dmlib::dmlib does it);
//   header-only  nothing is defined (dmlib::dmlib_header_only); every header brings its body along.
// Mixing them fails to link, because the inline namespace DMLIB_ABI differs.
#pragma once

#if defined(DMLIB_SEPARATE_COMPILATION)
#define DMLIB_ABI v0_1
#define DMLIB_DECL
#else
#define DMLIB_HEADER_ONLY 1
#define DMLIB_ABI v0_1_ho
#define DMLIB_DECL inline
#endif

namespace dmlib {
inline namespace DMLIB_ABI {}  // namespace DMLIB_ABI

/// Version of the library, as in the CHANGELOG.
inline constexpr const char* version_text = "0.1.0";
}  // namespace dmlib
