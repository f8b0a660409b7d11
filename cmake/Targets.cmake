# How every target of the project is built: the language, the warnings, the sanitizers.
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(SYSTASK_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(SYSTASK_COVERAGE "Count the lines that run" OFF)
# A clean build spends most of its time on the same headers, again and again: rooms of many small
# files are compiled a few files at a time. OFF where a file must stand alone: dev and lint.
option(SYSTASK_UNITY "Compile small files of a room together" ON)

# Every target links this, and nothing sets CMAKE_CXX_FLAGS.
add_library(systask_options INTERFACE)
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

find_program(SYSTASK_MOLD mold)
if(SYSTASK_MOLD)
  target_link_options(systask_options INTERFACE -fuse-ld=mold)
endif()

# Compiles the files of a target in batches, in their order.
function(systask_together target)
  if(SYSTASK_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  endif()
endfunction()

# systask_room(NAME [TOGETHER] SOURCES file... LINKS target...): the library of one room.
# TOGETHER: its files are small, and no two name a thing of their own alike.
function(systask_room name)
  cmake_parse_arguments(ROOM "TOGETHER" "" "SOURCES;LINKS" ${ARGN})
  add_library(systask_${name} STATIC ${ROOM_SOURCES})
  if(ROOM_TOGETHER)
    systask_together(systask_${name})
  endif()
  target_link_libraries(systask_${name} PUBLIC systask_options ${ROOM_LINKS})
endfunction()

# systask_test(NAME [TOGETHER] SOURCES file... LINKS target...): one test program; every TEST in
# it is a test of its own to ctest, named NAME.Suite.Case.
function(systask_test name)
  cmake_parse_arguments(CASE "TOGETHER" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT CASE_TIMEOUT)
    set(CASE_TIMEOUT 120)
  endif()
  add_executable(${name}_test ${CASE_SOURCES})
  if(CASE_TOGETHER)
    systask_together(${name}_test)
  endif()
  # A test is compiled far more often than it runs: what it tests is optimised, it is not.
  target_compile_options(${name}_test PRIVATE -O0)
  target_link_libraries(${name}_test PRIVATE systask_options ${CASE_LINKS} GTest::gmock_main)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                       PROPERTIES TIMEOUT ${CASE_TIMEOUT})
endfunction()
