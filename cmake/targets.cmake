# caviar_library(NAME SOURCES a.cc … DEPS target …)
#   One static library for the folder it is called in. Public includes are written from the top of
#   the tree ("coordinator/engine/engine.h").
function(caviar_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# caviar_binary(NAME SOURCES a.cc … DEPS target …)
#   A program; its sources know CAVIAR_VERSION.
function(caviar_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE CAVIAR_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()

# caviar_test(NAME LABEL unit SOURCES a_test.cc … DEPS target … [TIMEOUT seconds] [OPTIMIZED])
#   One GoogleTest binary = one CTest entry; GoogleTest itself names the case that failed.
#   LABEL is one of the kinds in docs/architecture.md. Tests find repository files under
#   CAVIAR_SOURCE_DIR and built programs under CAVIAR_BINARY_DIR.
function(caviar_test name)
  cmake_parse_arguments(ARG "OPTIMIZED" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/tsan_suppressions.cc)
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE
    CAVIAR_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CAVIAR_BINARY_DIR="${CMAKE_BINARY_DIR}/bin")
  # What is tested is optimised in its own library; test bodies are compiled as fast as can be,
  # unless most of the test's time is theirs.
  target_compile_options(${name} PRIVATE $<IF:$<BOOL:${ARG_OPTIMIZED}>,-O1,-O0>)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# caviar_simd_test(NAME)
#   Runs the test binary NAME once more on each SIMD path, as NAME.PATH; skipped where the CPU lacks
#   it. Its DEPS include caviar_tests_simd_path.
function(caviar_simd_test name)
  get_test_property(${name} LABELS label)
  foreach(path AVX3 AVX2 SSE4 SCALAR)
    add_test(NAME ${name}.${path} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name}.${path} PROPERTIES
      LABELS ${label} TIMEOUT 120 SKIP_RETURN_CODE 77 ENVIRONMENT CAVIAR_TEST_SIMD=${path})
  endforeach()
endfunction()
