#include "tests/fuzz/fuzz.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace caviar::fuzz {
namespace {

size_t Place(const std::string& text, Rng& rng) {
  return rng.UniformInt(static_cast<uint32_t>(text.size()) + 1);
}

void Edit(const std::vector<std::string>& seeds, std::string& text, Rng& rng) {
  static const std::vector<std::string> interesting = {"\"",
                                                       "\"\"",
                                                       "\n",
                                                       "\r\n",
                                                       ",",
                                                       "\t",
                                                       ";",
                                                       ":",
                                                       " ",
                                                       std::string(1, '\0'),
                                                       "\xFF",
                                                       "-1",
                                                       "0",
                                                       "1e999",
                                                       "nan",
                                                       "inf",
                                                       "99999999999999999999",
                                                       "{",
                                                       "}",
                                                       "[",
                                                       "]",
                                                       "?",
                                                       std::string(4, '\xFF'),
                                                       std::string(8, '\x7F'),
                                                       "\x1f\x8b",
                                                       "18446744073709551615"};
  const size_t at = Place(text, rng);
  switch (rng.UniformInt(7)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(rng.UniformInt(256));
      break;
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << rng.UniformInt(8)));
      break;
    case 2:
      text.insert(at, interesting[rng.UniformInt(static_cast<uint32_t>(interesting.size()))]);
      break;
    case 3:
      text.erase(at, rng.UniformInt(8) + 1);
      break;
    case 4:
      text.resize(at);
      break;
    case 5: {
      const size_t from = Place(text, rng);
      text.insert(at, text.substr(from, rng.UniformInt(32)));
      break;
    }
    default: {
      const std::string& other = seeds[rng.UniformInt(static_cast<uint32_t>(seeds.size()))];
      const size_t from = Place(other, rng);
      text.insert(at, other.substr(from, rng.UniformInt(64)));
    }
  }
}

}  // namespace

std::string Mutate(const std::vector<std::string>& seeds, Rng& rng) {
  std::string text = seeds[rng.UniformInt(static_cast<uint32_t>(seeds.size()))];
  for (uint32_t edits = rng.UniformInt(4) + 1; edits > 0; --edits) Edit(seeds, text, rng);
  return text;
}

void RunMutations(const std::vector<std::string>& seeds, int count,
                  const std::function<void(const std::string&)>& run) {
  for (const std::string& seed : seeds) run(seed);
  for (int i = 0; i < count; ++i) {
    SCOPED_TRACE(::testing::Message() << "mutation " << i);
    Rng rng(static_cast<uint64_t>(i));
    run(Mutate(seeds, rng));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace caviar::fuzz
