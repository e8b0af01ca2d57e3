// The repository's own source files, for tests that read code as text.
//
// Errors: a test failure when the tree cannot be read.
#ifndef CAVIAR_TESTS_TIDY_SOURCE_TREE_H_
#define CAVIAR_TESTS_TIDY_SOURCE_TREE_H_

#include <string>
#include <vector>

namespace caviar::tidy {

struct SourceFile {
  std::string path;  // from the top of the repository
  std::vector<std::string> lines;
};

// Every file below the product's folders and tests/ with one of the endings, sorted by path; build
// output left out.
std::vector<SourceFile> ReadSourceTree(const std::vector<std::string>& endings);

}  // namespace caviar::tidy

#endif  // CAVIAR_TESTS_TIDY_SOURCE_TREE_H_
