# A room is one folder of src/ and one static library. `room(net USES base LINKS OpenSSL::Crypto)`
# compiles src/net/*.cc (tests, `*_test.cc`, apart) and lets it include only its own headers and
# those of the rooms it names: each room is on the include path through a folder of the build tree
# that holds a single link, so an undeclared `#include "task/..."` does not compile.
#
# SOURCES names the files when a folder holds two libraries (a parent's and a child's side).
function(room_include_dir room out)
  set(dir "${PROJECT_BINARY_DIR}/rooms/${room}")
  file(MAKE_DIRECTORY "${dir}")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/src/${room}" "${dir}/${room}" SYMBOLIC)
  set(${out} "${dir}" PARENT_SCOPE)
endfunction()

function(room name)
  cmake_parse_arguments(ROOM "" "FOLDER" "SOURCES;USES;LINKS" ${ARGN})
  if(NOT ROOM_FOLDER)
    set(ROOM_FOLDER ${name})
  endif()
  if(NOT ROOM_SOURCES)
    file(GLOB ROOM_SOURCES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${ROOM_FOLDER}/*.cc")
    list(FILTER ROOM_SOURCES EXCLUDE REGEX "_test\\.cc$")
  endif()
  room_include_dir(${ROOM_FOLDER} include_dir)
  if(ROOM_SOURCES)
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_include_directories(${name} PUBLIC "${include_dir}")
    target_link_libraries(${name} PUBLIC ${ROOM_USES} ${ROOM_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${include_dir}")
    target_link_libraries(${name} INTERFACE ${ROOM_USES} ${ROOM_LINKS})
  endif()
endfunction()

# Everything that also runs under the sanitizers.
add_custom_target(unit_tests)

# `room_tests(session)` builds every src/session/*_test.cc into the program session_tests.
# Extra arguments are further libraries and sources.
function(room_tests name)
  cmake_parse_arguments(TESTS "" "FOLDER" "USES;SOURCES;EXCEPT" ${ARGN})
  if(NOT TESTS_FOLDER)
    set(TESTS_FOLDER ${name})
  endif()
  if(NOT TESTS_SOURCES)
    file(GLOB TESTS_SOURCES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${TESTS_FOLDER}/*_test.cc")
  endif()
  foreach(except IN LISTS TESTS_EXCEPT)
    list(REMOVE_ITEM TESTS_SOURCES "${PROJECT_SOURCE_DIR}/src/${TESTS_FOLDER}/${except}")
  endforeach()
  if(NOT TESTS_SOURCES)
    return()
  endif()
  add_executable(${name}_tests ${TESTS_SOURCES})
  target_link_libraries(${name}_tests PRIVATE ${name} ${TESTS_USES} GTest::gmock GTest::gtest_main)
  add_dependencies(unit_tests ${name}_tests)
  gtest_discover_tests(${name}_tests DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit)
endfunction()
