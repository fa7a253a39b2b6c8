# What the library links. Everything comes from the system by find_package or pkg-config.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS headers)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(dmlib_mariadb REQUIRED IMPORTED_TARGET libmariadb)
pkg_check_modules(dmlib_re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(dmlib_zstd REQUIRED IMPORTED_TARGET libzstd)

add_library(dmlib_deps INTERFACE)
target_compile_features(dmlib_deps INTERFACE cxx_std_20)
target_include_directories(dmlib_deps INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(dmlib_deps INTERFACE
  Boost::headers fmt::fmt nlohmann_json::nlohmann_json yaml-cpp ZLIB::ZLIB OpenSSL::SSL OpenSSL::Crypto
  PkgConfig::dmlib_mariadb PkgConfig::dmlib_re2 PkgConfig::dmlib_zstd Threads::Threads)

# Warnings and sanitizers for our own targets only; never exported.
add_library(dmlib_warnings INTERFACE)
target_compile_options(dmlib_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside std::string and std::variant where nothing is wrong (GCC bugs 105329, 105562).
  target_compile_options(dmlib_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # std::stable_sort of g++ 12's library calls what C++17 deprecates.
  target_compile_options(dmlib_warnings INTERFACE -Wno-deprecated-declarations)
endif()
if(DMLIB_WERROR)
  target_compile_options(dmlib_warnings INTERFACE -Werror)
endif()
if(DMLIB_SANITIZE)
  target_compile_options(dmlib_warnings INTERFACE
    -fsanitize=${DMLIB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(dmlib_warnings INTERFACE -fsanitize=${DMLIB_SANITIZE})
endif()
