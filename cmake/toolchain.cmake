# Language level, warnings and build-wide settings.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

add_compile_options(-Wall -Wextra -Werror)
# g++ 12 reports both inside its own std::string and std::variant once they are inlined (GCC bugs
# 105329, 105651, 105562); clang and the sanitizers watch for the real thing.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized)
endif()
# Results must not depend on how far the compiler contracts a*b+c, nor on the machine it ran on:
# no -march=native and no -ffast-math anywhere (SIMD comes from Highway's run-time dispatch).
add_compile_options(-ffp-contract=off)

option(CAVIAR_THREAD_SAFETY "Compile with clang's -Wthread-safety" OFF)
if(CAVIAR_THREAD_SAFETY)
  add_compile_options(-Wthread-safety)
endif()

# Depend mode: the compiler's own list of headers serves as key, so that a file which is not cached
# yet is not preprocessed a second time.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 ${CCACHE})
endif()
