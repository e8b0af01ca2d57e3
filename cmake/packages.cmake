# Debian 12 packages; deploy/install_dependencies.sh is the one list of their names.

# gRPC, Protobuf and Abseil become parts of our programs: their sixty shared libraries would cost
# every process 12 ms at its start, of which `caviar run` starts several one after another, and have
# to be on every machine that a program is copied to. ThreadSanitizer tells packaged code, which it
# cannot judge, from ours by its library.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
  set(CAVIAR_LINKS_SHARED ON)
endif()

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
if(NOT CAVIAR_LINKS_SHARED)
  set(Protobuf_USE_STATIC_LIBS ON)
endif()
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(HIGHWAY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

if(NOT CAVIAR_LINKS_SHARED)
  get_directory_property(packages IMPORTED_TARGETS)
  foreach(package IN LISTS packages)
    get_target_property(shared ${package} IMPORTED_LOCATION_NONE)
    string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${shared}")
    if(package MATCHES "^(gRPC|absl)::" AND shared MATCHES "\\.so" AND EXISTS "${archive}")
      set_target_properties(${package} PROPERTIES IMPORTED_LOCATION_NONE "${archive}")
    endif()
  endforeach()
endif()
