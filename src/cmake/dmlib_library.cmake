# dmlib::dmlib (compiled, static or shared) and dmlib::dmlib_header_only.
# A room is one source file; the order here is the order of who may include whom.
set(DMLIB_ROOMS core model binlog sql schema transform dml shard checkpoint
    async mysql relay dump load sync check task config http)

add_library(dmlib)
add_library(dmlib::dmlib ALIAS dmlib)
target_link_libraries(dmlib PUBLIC dmlib_deps)
target_compile_definitions(dmlib PUBLIC DMLIB_SEPARATE_COMPILATION)
set_target_properties(dmlib PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  POSITION_INDEPENDENT_CODE ON LINKER_LANGUAGE CXX)

# Each room is also an object library, so that its tests build without the rooms below it.
foreach(room IN LISTS DMLIB_ROOMS)
  if(EXISTS "${PROJECT_SOURCE_DIR}/src/${room}.cpp")
    add_library(dmlib_room_${room} OBJECT "${PROJECT_SOURCE_DIR}/src/${room}.cpp")
    target_link_libraries(dmlib_room_${room} PUBLIC dmlib_deps PRIVATE dmlib_warnings)
    target_compile_definitions(dmlib_room_${room} PUBLIC DMLIB_SEPARATE_COMPILATION)
    set_target_properties(dmlib_room_${room} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_sources(dmlib PRIVATE $<TARGET_OBJECTS:dmlib_room_${room}>)
  endif()
endforeach()
if(DMLIB_SANITIZE)
  target_link_options(dmlib PUBLIC -fsanitize=${DMLIB_SANITIZE})
endif()

add_library(dmlib_header_only INTERFACE)
add_library(dmlib::dmlib_header_only ALIAS dmlib_header_only)
target_link_libraries(dmlib_header_only INTERFACE dmlib_deps)

# dmlib_link_rooms(TARGET ROOM): links the objects of a room and of all rooms above it.
function(dmlib_link_rooms target last)
  foreach(room IN LISTS DMLIB_ROOMS)
    if(TARGET dmlib_room_${room})
      target_link_libraries(${target} PRIVATE dmlib_room_${room})
    endif()
    if(room STREQUAL last)
      break()
    endif()
  endforeach()
  target_link_libraries(${target} PRIVATE dmlib_warnings)
endfunction()
