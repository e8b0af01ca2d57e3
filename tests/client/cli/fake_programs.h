// Shell scripts in place of caviar-coordinator and caviar-worker.
#ifndef CAVIAR_TESTS_CLIENT_CLI_FAKE_PROGRAMS_H_
#define CAVIAR_TESTS_CLIENT_CLI_FAKE_PROGRAMS_H_

#include <filesystem>
#include <fstream>
#include <string>

namespace caviar::cli {

// Runs until SIGTERM, then writes "NAME stopped" into EVENTS. Makes EVENTS.NAME, and does `then`,
// once it can be stopped so.
inline std::string UntilStopped(const std::string& name, const std::string& events,
                                const std::string& then = "") {
  return "trap 'echo " + name + " stopped >>" + events + "; exit 0' TERM\n: >" + events + "." +
         name + "\n" + then + "while :; do sleep 0.02; done\n";
}

inline void WriteProgram(const std::string& folder, const std::string& name,
                         const std::string& script) {
  const std::string path = folder + "/" + name;
  std::ofstream(path) << "#!/bin/sh\n" << script;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

// An empty folder under the test's.
inline std::string FreshFolder(const std::string& path) {
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

}  // namespace caviar::cli

#endif  // CAVIAR_TESTS_CLIENT_CLI_FAKE_PROGRAMS_H_
