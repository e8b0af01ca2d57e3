#include "common/hyperparameters/edit_distance.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace caviar {

int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string NearestName(absl::string_view name, std::span<const std::string> candidates) {
  // A longer name is no typing slip, and would make the table large.
  constexpr size_t kNameLengthMax = 128;
  if (name.size() > kNameLengthMax) return "";
  const std::string* nearest = nullptr;
  int nearest_distance = 0;
  for (const std::string& candidate : candidates) {
    const int distance = EditDistance(name, candidate);
    if (nearest == nullptr || distance < nearest_distance) {
      nearest = &candidate;
      nearest_distance = distance;
    }
  }
  if (nearest == nullptr) return "";
  const int allowed = std::max(2, static_cast<int>(nearest->size()) / 3);
  return nearest_distance <= allowed ? *nearest : "";
}

}  // namespace caviar
