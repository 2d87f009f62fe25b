# A room is one folder of src/ and one static library. `room(net USES base LINKS OpenSSL::Crypto)`
# compiles src/net/*.cc (tests, `*_test.cc`, apart) and lets it include only its own headers and
# those of the rooms it names: each room is on the include path through a folder of the build tree
# that holds a single link, so an undeclared `#include "task/..."` does not compile. What a named
# room uses is linked as well, but not on the include path (tests/walls_test.py).
#
# EXCEPT names sources that belong to a program, not to the library.
#
# Most of the time of compiling one source goes into the headers of others, so several sources of a
# room are compiled together as one (docs/performance.md, "The build"). Names in their unnamed
# namespaces then meet: where two sources of a room use one name for two things, the compiler says
# "redefinition"; rename one, or name its source with APART, which then is compiled alone. ALONE: all
# of the room's are, since a program that uses one of those compiled together gets all of them and the
# shared libraries that they want. gnosis-ocr-page shall have no more of base/ and page/ than it uses.
set(GNOSIS_TOGETHER 8 CACHE STRING
    "how many sources of a room are compiled together; 1: each alone, 0: all of a room")
function(compile_together target folder apart)
  if(GNOSIS_TOGETHER EQUAL 1)
    return()
  endif()
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${GNOSIS_TOGETHER})
  foreach(file IN LISTS apart)
    set(path "${PROJECT_SOURCE_DIR}/src/${folder}/${file}")
    if(NOT EXISTS "${path}")
      message(FATAL_ERROR "${target}: APART names ${path}, which does not exist")
    endif()
    set_source_files_properties("${path}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
endfunction()

# Links `target` with these rooms and lets it include their headers.
function(use_rooms target)
  foreach(room IN LISTS ARGN)
    set(dir "${PROJECT_BINARY_DIR}/rooms/${room}")
    file(MAKE_DIRECTORY "${dir}")
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/src/${room}" "${dir}/${room}" SYMBOLIC)
    target_include_directories(${target} PRIVATE "${dir}")
    if(NOT room STREQUAL target)
      target_link_libraries(${target} PUBLIC ${room})
    endif()
  endforeach()
endfunction()

# Lets `target` include what the room may, and links it with it.
function(see_as target room)
  get_target_property(rooms ${room} ROOMS)
  use_rooms(${target} ${rooms})
endfunction()

function(room name)
  cmake_parse_arguments(ROOM "ALONE" "" "EXCEPT;USES;LINKS;APART" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cc")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  foreach(except IN LISTS ROOM_EXCEPT)
    list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/src/${name}/${except}")
  endforeach()
  add_library(${name} STATIC ${sources})
  use_rooms(${name} ${name} ${ROOM_USES})
  set_target_properties(${name} PROPERTIES ROOMS "${name};${ROOM_USES}")
  target_link_libraries(${name} PUBLIC ${ROOM_LINKS})
  if(NOT ROOM_ALONE)
    compile_together(${name} ${name} "${ROOM_APART}")
  endif()
endfunction()

# Everything that also runs under AddressSanitizer, and of it what also runs under ThreadSanitizer.
add_custom_target(unit_tests)
add_custom_target(thread_tests)

# Has ctest run the test program `target` as one test; further arguments are its labels. A process for
# every case costs more than the cases do, most of all under the sanitizers.
function(run_tests target)
  add_test(NAME ${target} COMMAND ${target})
  set_tests_properties(${target} PROPERTIES TIMEOUT 1800 LABELS "${ARGN}")
endfunction()

# `room_tests(session)` builds every src/session/*_test.cc into the program session_tests, which may
# include what the room may. THREADS: also under ThreadSanitizer. USES are further rooms.
function(room_tests name)
  cmake_parse_arguments(TESTS "THREADS" "" "USES;APART" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*_test.cc")
  add_executable(${name}_tests ${sources})
  see_as(${name}_tests ${name})
  target_include_directories(${name}_tests PRIVATE "${PROJECT_SOURCE_DIR}/tests")  # support/
  use_rooms(${name}_tests ${TESTS_USES})
  target_link_libraries(${name}_tests PUBLIC GTest::gmock GTest::gtest_main)
  compile_together(${name}_tests ${name} "${TESTS_APART}")
  # What is tested is optimised as people run it; optimising the tests takes a quarter of their time.
  target_compile_options(${name}_tests PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  add_dependencies(unit_tests ${name}_tests)
  set(labels unit)
  if(TESTS_THREADS)
    list(APPEND labels threads)
    add_dependencies(thread_tests ${name}_tests)
  endif()
  run_tests(${name}_tests ${labels})
endfunction()
