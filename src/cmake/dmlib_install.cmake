# Install rules, the package files for find_package and pkg-config, and the build tree's export.
include(CMakePackageConfigHelpers)
set(DMLIB_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/dmlib" CACHE STRING
    "Where the CMake package files go, relative to the prefix")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/dmlib" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp")
install(TARGETS dmlib dmlib_header_only dmlib_deps EXPORT dmlib-targets
        RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT dmlib-targets NAMESPACE dmlib:: DESTINATION "${DMLIB_INSTALL_CMAKEDIR}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/src/cmake/dmlib-config.cmake.in" "${PROJECT_BINARY_DIR}/dmlib-config.cmake"
  INSTALL_DESTINATION "${DMLIB_INSTALL_CMAKEDIR}" NO_SET_AND_CHECK_MACRO)
# While the major version is 0 each minor version may break source and binary compatibility.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/dmlib-config-version.cmake"
                                 VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/dmlib-config.cmake" "${PROJECT_BINARY_DIR}/dmlib-config-version.cmake"
        DESTINATION "${DMLIB_INSTALL_CMAKEDIR}")

# find_package(dmlib) also works on the build tree: dmlib_DIR=<build>.
export(EXPORT dmlib-targets NAMESPACE dmlib:: FILE "${PROJECT_BINARY_DIR}/dmlib-targets.cmake")

# pkg-config has no idea of a target that links its own dependencies: a static library names all it
# needs in Requires, a shared one only what its headers need.
foreach(dir INCLUDEDIR LIBDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(DMLIB_PC_${dir} "${CMAKE_INSTALL_${dir}}")
  else()
    set(DMLIB_PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
set(DMLIB_PC_ALL "fmt, libmariadb, re2, libzstd, zlib, openssl, yaml-cpp")
get_target_property(dmlib_type dmlib TYPE)
if(dmlib_type STREQUAL "SHARED_LIBRARY")
  set(DMLIB_PC_REQUIRES "fmt")
  set(DMLIB_PC_REQUIRES_PRIVATE "${DMLIB_PC_ALL}")
else()
  set(DMLIB_PC_REQUIRES "${DMLIB_PC_ALL}")
  set(DMLIB_PC_REQUIRES_PRIVATE "")
endif()
set(DMLIB_PC_NAME dmlib)
set(DMLIB_PC_CFLAGS "-DDMLIB_SEPARATE_COMPILATION")
set(DMLIB_PC_LIBS "-L\${libdir} -ldmlib")
configure_file("${PROJECT_SOURCE_DIR}/src/cmake/dmlib.pc.in" "${PROJECT_BINARY_DIR}/dmlib.pc" @ONLY)
set(DMLIB_PC_NAME dmlib_header_only)
set(DMLIB_PC_CFLAGS "")
set(DMLIB_PC_LIBS "")
set(DMLIB_PC_REQUIRES "${DMLIB_PC_ALL}")
set(DMLIB_PC_REQUIRES_PRIVATE "")
configure_file("${PROJECT_SOURCE_DIR}/src/cmake/dmlib.pc.in" "${PROJECT_BINARY_DIR}/dmlib_header_only.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/dmlib.pc" "${PROJECT_BINARY_DIR}/dmlib_header_only.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
