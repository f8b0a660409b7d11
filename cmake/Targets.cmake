# How every target of the project is built: the language, the warnings, the sanitizers.
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(SYSTASK_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(SYSTASK_COVERAGE "Count the lines that run" OFF)
# A clean build spends most of its time on the same headers, again and again: rooms of many small
# files are compiled a few files at a time, and what nearly all include is compiled once. OFF where
# a file must stand alone: dev and lint.
option(SYSTASK_UNITY "Compile small files of a room together, and common headers once" ON)

# Every target links this, and nothing sets CMAKE_CXX_FLAGS.
add_library(systask_options INTERFACE)
if(SYSTASK_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC collects its garbage less often: a tenth less time, for up to a gigabyte a job. The last
  # lets ccache tell precompiled headers apart by their contents. clang-tidy, which reads the
  # commands of `dev`, knows none of them.
  target_compile_options(systask_options INTERFACE --param=ggc-min-expand=400
                         --param=ggc-min-heapsize=600000 -fpch-preprocess)
endif()
target_compile_features(systask_options INTERFACE cxx_std_20)
target_include_directories(systask_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(systask_options INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow
                       -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
                       -Wno-missing-field-initializers)
target_compile_definitions(systask_options INTERFACE BOOST_ASIO_NO_DEPRECATED
                           BOOST_ASIO_DISABLE_VISIBILITY)
if(SYSTASK_SANITIZE)
  target_compile_options(systask_options INTERFACE -fsanitize=${SYSTASK_SANITIZE}
                         -fno-omit-frame-pointer)
  target_link_options(systask_options INTERFACE -fsanitize=${SYSTASK_SANITIZE})
  if(SYSTASK_SANITIZE MATCHES undefined)
    # SOCI is built without the type information that this check wants; and a report is a failure.
    target_compile_options(systask_options INTERFACE -fno-sanitize=vptr
                           -fno-sanitize-recover=undefined)
  endif()
  if(SYSTASK_SANITIZE MATCHES thread)
    # Asio's fences are not understood by ThreadSanitizer, which says so as a warning.
    target_compile_options(systask_options INTERFACE -Wno-tsan)
  endif()
endif()
option(SYSTASK_FUZZ "Build the fuzzers, with clang" OFF)
if(SYSTASK_FUZZ)
  target_compile_options(systask_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SYSTASK_COVERAGE)
  target_compile_options(systask_options INTERFACE --coverage)
  target_link_options(systask_options INTERFACE --coverage)
endif()

# What the service, and a benchmark of it, takes its memory from (decision 0050). A sanitizer has an
# allocator of its own.
add_library(systask_allocator INTERFACE)
if(NOT SYSTASK_SANITIZE)
  target_link_libraries(systask_allocator INTERFACE mimalloc)
endif()

find_program(SYSTASK_MOLD mold)
if(SYSTASK_MOLD)
  target_link_options(systask_options INTERFACE -fuse-ld=mold)
endif()

# systask_headers(NAME [OPTIONS option...] HEADERS header... LINKS target...): headers compiled
# once, for targets of these options, whose links define the same macros as these.
function(systask_headers name)
  cmake_parse_arguments(SET "" "" "OPTIONS;HEADERS;LINKS" ${ARGN})
  if(NOT SYSTASK_UNITY)
    return()
  endif()
  set(source ${CMAKE_BINARY_DIR}/headers/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(systask_headers_${name} OBJECT ${source})
  target_compile_options(systask_headers_${name} PRIVATE ${SET_OPTIONS})
  target_link_libraries(systask_headers_${name} PRIVATE systask_options ${SET_LINKS})
  target_precompile_headers(systask_headers_${name} PRIVATE ${SET_HEADERS})
endfunction()
function(systask_use_headers target name)
  if(TARGET systask_headers_${name})
    target_precompile_headers(${target} REUSE_FROM systask_headers_${name})
  endif()
endfunction()

set(SYSTASK_COMMON_HEADERS <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint>
    <deque> <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string>
    <string_view> <thread> <unordered_map> <unordered_set> <utility> <variant> <vector>
    <fmt/format.h>)
set(SYSTASK_HOT $<$<CONFIG:Release>:-O2>)
# A build of many mutants is compiled once and each runs one test: there -O0 is quicker in all.
set(SYSTASK_ROOM_OPTIONS "" CACHE STRING "A last word on how rooms are compiled that are not hot")
systask_headers(room OPTIONS ${SYSTASK_ROOM_OPTIONS} HEADERS ${SYSTASK_COMMON_HEADERS} LINKS fmt::fmt)
systask_headers(hot OPTIONS ${SYSTASK_HOT} HEADERS ${SYSTASK_COMMON_HEADERS} LINKS fmt::fmt)
systask_headers(net OPTIONS ${SYSTASK_ROOM_OPTIONS} LINKS fmt::fmt Boost::headers Boost::system
  HEADERS ${SYSTASK_COMMON_HEADERS} <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
          <boost/asio/post.hpp> <boost/asio/steady_timer.hpp> <boost/beast/http.hpp>
          <boost/beast/websocket/stream.hpp>)
if(TARGET GTest::gmock)
  systask_headers(test OPTIONS -O0 HEADERS ${SYSTASK_COMMON_HEADERS} <gtest/gtest.h> <gmock/gmock.h>
                  LINKS fmt::fmt GTest::gmock)
endif()

# systask_together(TARGET FILES): compiles its files in batches of so many, in their order. A batch
# is what an incremental build compiles: keep it under some fifteen seconds.
function(systask_together target files)
  if(SYSTASK_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
  endif()
endfunction()

# systask_room(NAME [HOT] [TOGETHER n] [HEADERS set] SOURCES file... LINKS target...): the library
# of one room. TOGETHER: its files are small, no two name a thing of their own alike, and n of them
# are compiled at once. HEADERS: a set other than `room` that its files have in common. HOT: what
# every message passes, and is worth all of -O2, a third of whose time is more than inlining, which
# is what the preset `release` has of it.
function(systask_room name)
  cmake_parse_arguments(ROOM "HOT" "HEADERS;TOGETHER" "SOURCES;LINKS" ${ARGN})
  if(ROOM_HOT)
    set(ROOM_HEADERS hot)
  elseif(NOT ROOM_HEADERS)
    set(ROOM_HEADERS room)
  endif()
  add_library(systask_${name} STATIC ${ROOM_SOURCES})
  if(ROOM_TOGETHER)
    systask_together(systask_${name} ${ROOM_TOGETHER})
  endif()
  target_link_libraries(systask_${name} PUBLIC systask_options ${ROOM_LINKS})
  systask_use_headers(systask_${name} ${ROOM_HEADERS})
  if(ROOM_HOT)
    target_compile_options(systask_${name} PRIVATE ${SYSTASK_HOT})
  else()
    target_compile_options(systask_${name} PRIVATE ${SYSTASK_ROOM_OPTIONS})
  endif()
endfunction()

# systask_time_for(RESULT SECONDS): how long a test may take; far longer where a sanitizer slows it.
function(systask_time_for result seconds)
  if(SYSTASK_SANITIZE)
    math(EXPR seconds "${seconds} * 5")
  endif()
  set(${result} ${seconds} PARENT_SCOPE)
endfunction()

# systask_test(NAME [TOGETHER n] SOURCES file... LINKS target...): one test program; every TEST in
# it is a test of its own to ctest, named NAME.Suite.Case.
function(systask_test name)
  cmake_parse_arguments(CASE "" "TIMEOUT;TOGETHER" "SOURCES;LINKS" ${ARGN})
  if(NOT CASE_TIMEOUT)
    set(CASE_TIMEOUT 120)
  endif()
  systask_time_for(CASE_TIMEOUT ${CASE_TIMEOUT})
  add_executable(${name}_test ${CASE_SOURCES})
  if(CASE_TOGETHER)
    systask_together(${name}_test ${CASE_TOGETHER})
  endif()
  # A test is compiled far more often than it runs: what it tests is optimised, it is not.
  target_compile_options(${name}_test PRIVATE -O0)
  target_link_libraries(${name}_test PRIVATE systask_options ${CASE_LINKS} GTest::gmock_main)
  systask_use_headers(${name}_test test)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                       PROPERTIES TIMEOUT ${CASE_TIMEOUT})
endfunction()
