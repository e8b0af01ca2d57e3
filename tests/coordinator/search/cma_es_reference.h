// Made by cma_es_reference.py, which says from what.
// clang-format off
#ifndef CAVIAR_TESTS_COORDINATOR_SEARCH_CMA_ES_REFERENCE_H_
#define CAVIAR_TESTS_COORDINATOR_SEARCH_CMA_ES_REFERENCE_H_

#include <vector>

namespace caviar::search::reference {

inline constexpr int kPopulation = 7;
inline constexpr double kSigma = 0.3;
inline const std::vector<double> kMean = {0.5, 0.4, 0.6};
inline const std::vector<double> kFirstSamples = {0.604, 0.646, 0.699, 0.109, 0.672, 0.734, 0.339, 0.574, 0.709, 0.588, 0.409, 0.764, 0.279, 0.351, 0.455, 0.68, 0.412, 0.512, 0.265, 0.323, 0.602};
inline const std::vector<double> kSecondSamples = {0.545, 0.759, 0.901, 0.058, 0.122, 0.665, 0.516, 0.543, 0.743, 1.024, 0.278, 0.624, 1.009, 0.629, 0.833, 0.497, 0.17, 0.733, 0.622, 0.255, 0.563};
inline const std::vector<double> kWeights = {0.585645106509765, 0.2928225532548825, 0.12153234023535253, 0.0, -0.4241269418431741, -0.7706638857059224, -1.0636566969842556};
inline const std::vector<double> kFirstMean = {0.42684676597646476, 0.6448630578876816, 0.7104641127662744};
inline const std::vector<double> kFirstSigma = {0.27535698370225675};
inline const std::vector<double> kFirstCovariance = {0.7223805599536843, -0.11048456359765804, -0.003310330261101309, -0.11048456359765804, 1.1008758379430545, 0.06523232868498934, -0.0033103302611013127, 0.06523232868498934, 0.9571449185909187};
inline const std::vector<double> kSecondMean = {0.398870978698047, 0.5462210480858037, 0.8126917676746621};
inline const std::vector<double> kSecondSigma = {0.23916686770041679};
inline const std::vector<double> kSecondCovariance = {0.6591309434464163, 0.021844347161513858, 0.004251404520092032, 0.021844347161513858, 0.8658062483605156, 0.0328953459223188, 0.004251404520092029, 0.0328953459223188, 0.9701908704335908};

}  // namespace caviar::search::reference

#endif  // CAVIAR_TESTS_COORDINATOR_SEARCH_CMA_ES_REFERENCE_H_
