# How every target of the project is built: the language, the warnings, the sanitizers.
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(SYSTASK_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(SYSTASK_COVERAGE "Count the lines that run" OFF)

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
if(SYSTASK_COVERAGE)
  target_compile_options(systask_options INTERFACE --coverage)
  target_link_options(systask_options INTERFACE --coverage)
endif()

find_program(SYSTASK_MOLD mold)
if(SYSTASK_MOLD)
  target_link_options(systask_options INTERFACE -fuse-ld=mold)
endif()

# systask_room(NAME SOURCES file... LINKS target...): the library of one room.
function(systask_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  add_library(systask_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(systask_${name} PUBLIC systask_options ${ROOM_LINKS})
endfunction()

# systask_test(NAME SOURCES file... LINKS target...): one test program; every TEST in it
# is a test of its own to ctest, named NAME.Suite.Case.
function(systask_test name)
  cmake_parse_arguments(CASE "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT CASE_TIMEOUT)
    set(CASE_TIMEOUT 120)
  endif()
  add_executable(${name}_test ${CASE_SOURCES})
  # A test is compiled far more often than it runs: what it tests is optimised, it is not.
  target_compile_options(${name}_test PRIVATE -O0)
  target_link_libraries(${name}_test PRIVATE systask_options ${CASE_LINKS} GTest::gmock_main)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                       PROPERTIES TIMEOUT ${CASE_TIMEOUT})
endfunction()
