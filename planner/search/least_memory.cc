#include "planner/search/least_memory.h"

#include <algorithm>
#include <set>
#include <vector>

namespace galvatron::search {
namespace {

// The transients that options of the layers have: the caps worth trying.
std::vector<Size> transient_caps(const Problem& problem) {
  std::set<Size> caps;
  for (const int type : problem.layers) {
    for (const Option& option : problem.types[static_cast<std::size_t>(type)].options) {
      caps.insert(option.transient);
    }
  }
  return {caps.begin(), caps.end()};
}

// Sums over the first layers, for one cap and number of micro-batches in flight. `missing` counts
// layers that have no option within the cap.
struct Sums {
  std::vector<Size> states{0};
  std::vector<Size> activations{0};
  std::vector<int> missing{0};
};

const Option* least_option(const LayerType& type, Size cap, std::int64_t in_flight) {
  const Option* least = nullptr;
  const auto held = [&](const Option& option) {
    return option.states + in_flight * option.activations;
  };
  for (const Option& option : type.options) {
    if (option.transient > cap) continue;
    if (least == nullptr || held(option) < held(*least)) least = &option;
  }
  return least;
}

// By type; none where the type has no option within the cap.
std::vector<const Option*> least_options(const Problem& problem, Size cap, std::int64_t in_flight) {
  std::vector<const Option*> least;
  for (const LayerType& type : problem.types) least.push_back(least_option(type, cap, in_flight));
  return least;
}

Sums sums_of(const Problem& problem, const std::vector<const Option*>& least,
             std::int64_t in_flight) {
  Sums sums;
  for (const int type : problem.layers) {
    const Option* option = least[static_cast<std::size_t>(type)];
    sums.states.push_back(sums.states.back() + (option ? option->states : 0));
    sums.activations.push_back(sums.activations.back() +
                               (option ? in_flight * option->activations : 0));
    sums.missing.push_back(sums.missing.back() + (option ? 0 : 1));
  }
  return sums;
}

// The least of one stage for every interval of layers.
class StageLeast {
 public:
  // A cap that lets no type choose otherwise than the cap before it only costs more.
  StageLeast(const Problem& problem, const std::vector<Size>& caps, std::size_t stage)
      : problem_(problem), stage_(static_cast<int>(stage)) {
    const std::int64_t in_flight = problem.stages[stage].in_flight;
    std::vector<const Option*> before;
    for (const Size cap : caps) {
      const std::vector<const Option*> least = least_options(problem, cap, in_flight);
      if (least == before) continue;
      caps_.push_back(cap);
      sums_.push_back(sums_of(problem, least, in_flight));
      before = least;
    }
  }

  // Of layers [begin, end).
  LeastMemory of(std::size_t begin, std::size_t end) const {
    const Size fixed = problem_.stages[static_cast<std::size_t>(stage_)].fixed_bytes +
                       boundary_bytes(type_at(begin), type_at(end - 1));
    LeastMemory least{.stage = stage_, .states = kUnlimited / 2};
    for (std::size_t cap = 0; cap < caps_.size(); ++cap) {
      const Sums& sums = sums_[cap];
      if (sums.missing[end] != sums.missing[begin]) continue;
      const LeastMemory memory{.stage = stage_,
                               .states = sums.states[end] - sums.states[begin],
                               .activations = sums.activations[end] - sums.activations[begin],
                               .transient = caps_[cap],
                               .fixed = fixed};
      if (total(memory) < total(least)) least = memory;
    }
    return least;
  }

 private:
  const LayerType& type_at(std::size_t layer) const {
    return problem_.types[static_cast<std::size_t>(problem_.layers[layer])];
  }

  const Problem& problem_;
  int stage_;
  std::vector<Size> caps_;
  std::vector<Sums> sums_;  // by cap
};

}  // namespace

LeastMemory least_memory(const Problem& problem) {
  const std::size_t layers = problem.layers.size();
  const std::size_t stages = problem.stages.size();
  const std::vector<Size> caps = transient_caps(problem);
  // fullest[begin]: the fullest stage where the stages from the current one on hold the layers from
  // `begin` on.
  std::vector<LeastMemory> fullest(layers + 1);
  for (std::size_t stage = stages; stage-- > 0;) {
    const StageLeast least(problem, caps, stage);
    std::vector<LeastMemory> wider(layers + 1);
    for (std::size_t begin = stage; begin + (stages - stage) <= layers; ++begin) {
      const std::size_t later = stages - stage - 1;
      const std::size_t first_end = later == 0 ? layers : begin + 1;
      wider[begin].states = kUnlimited / 2;
      for (std::size_t end = first_end; end + later <= layers; ++end) {
        if (!may_hold(problem, static_cast<int>(stage), static_cast<int>(begin),
                      static_cast<int>(end))) {
          continue;
        }
        LeastMemory here = least.of(begin, end);
        // Of more layers it is no less, but for the boundary, which depends on the last one.
        const Size of_more = total(here) - here.fixed + problem.stages[stage].fixed_bytes;
        if (of_more >= total(wider[begin])) break;
        if (later > 0 && total(fullest[end]) > total(here)) here = fullest[end];
        if (total(here) < total(wider[begin])) wider[begin] = here;
      }
    }
    fullest = std::move(wider);
  }
  return fullest.front();
}

}  // namespace galvatron::search
