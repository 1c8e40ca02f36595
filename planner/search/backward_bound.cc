#include "planner/search/backward_bound.h"

#include <algorithm>
#include <set>
#include <utility>

namespace galvatron::search {
namespace {

const LayerType& most_common_type(const Problem& problem) {
  std::vector<int> count(problem.types.size());
  for (const int type : problem.layers) ++count[static_cast<std::size_t>(type)];
  const auto common = std::max_element(count.begin(), count.end()) - count.begin();
  return problem.types[static_cast<std::size_t>(common)];
}

struct Corner {
  Time time = 0;
  Time backward = 0;
};

Wide rise_over(const Corner& from, const Corner& to, Time run) {
  return Wide{to.backward - from.backward} * run;
}

// From no time on, times and backwards rising, slopes falling.
std::vector<Corner> upper_hull(const LayerType& type) {
  std::vector<Corner> points, hull{{}};
  for (const Option& option : type.options) points.push_back({option.time, option.backward});
  std::sort(points.begin(), points.end(), [](const Corner& one, const Corner& other) {
    return one.time != other.time ? one.time < other.time : one.backward > other.backward;
  });
  for (const Corner& point : points) {
    if (point.time == hull.back().time || point.backward <= hull.back().backward) continue;
    while (hull.size() >= 2) {
      const Corner& last = hull.back();
      const Corner& before = hull[hull.size() - 2];
      if (rise_over(before, last, point.time - before.time) >
          rise_over(before, point, last.time - before.time)) {
        break;
      }
      hull.pop_back();
    }
    hull.push_back(point);
  }
  return hull;
}

}  // namespace

BackwardBound::BackwardBound(const Problem& problem, const IntervalKeys& keys) {
  constexpr std::int64_t kOne = std::int64_t{1} << kFraction;
  std::set<std::int64_t> slopes{kOne};
  const std::vector<Corner> hull = upper_hull(most_common_type(problem));
  for (std::size_t i = 1; i < hull.size(); ++i) {
    const Wide rise = Wide{hull[i].backward - hull[i - 1].backward} << kFraction;
    slopes.insert(static_cast<std::int64_t>(rise / (hull[i].time - hull[i - 1].time)));
  }
  for (const std::int64_t slope : slopes) add(slope, problem, keys);
}

void BackwardBound::add(std::int64_t slope, const Problem& problem, const IntervalKeys& keys) {
  std::vector<Wide> most;
  for (const LayerType& type : problem.types) {
    std::vector<Wide> excess{type.options.empty() ? Wide{0} : -(Wide{kUnlimited} << kFraction)};
    for (const Option& option : type.options) {
      excess.push_back((Wide{option.backward} << kFraction) - Wide{slope} * option.time);
    }
    most.push_back(*std::max_element(excess.begin(), excess.end()));
  }
  Line made{.slope = slope};
  made.before.push_back(0);
  for (const int type : problem.layers) {
    made.before.push_back(made.before.back() + most[static_cast<std::size_t>(type)]);
  }
  for (int key = 0; key < keys.count(); ++key) {
    Wide sum = 0;
    for (const Run& run : keys.interval(key).runs) {
      sum += run.count * most[static_cast<std::size_t>(run.type)];
    }
    made.of_key.push_back(sum);
  }
  lines_.push_back(std::move(made));
}

Time BackwardBound::least(Time t, std::vector<Wide> Line::*constants, int index) const {
  Time least = kUnlimited;
  for (const Line& line : lines_) {
    const Wide bound = Wide{line.slope} * t + (line.*constants)[static_cast<std::size_t>(index)];
    least = std::min(least, static_cast<Time>(bound >> kFraction));
  }
  return std::max<Time>(0, least);
}

Time BackwardBound::of_stage(int key, Time t) const { return least(t, &Line::of_key, key); }

Time BackwardBound::before(int layer, Time t) const { return least(t, &Line::before, layer); }

Time BackwardBound::least_time_before(int layer, Time backward) const {
  Time most = 0;
  for (const Line& line : lines_) {
    if (line.slope == 0) continue;
    const Wide missing =
        (Wide{backward} << kFraction) - line.before[static_cast<std::size_t>(layer)];
    if (missing > 0) most = std::max(most, static_cast<Time>(missing / line.slope));
  }
  return most;
}

}  // namespace galvatron::search
