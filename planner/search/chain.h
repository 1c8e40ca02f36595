// The stages put together, under one cap on the optimizer.
//
// From the last stage to the first, a label holds S, the sum of times, A, the largest of them, and
// Y, the sync that is exposed so far if nothing hid it further: Y = max(y_i, Y - b_i). Of a later
// stage only a lower bound v of its time is known at first, and it stands as t = v, y = 0, b = the
// most that v can hold: replacing a stage so never raises the step time. So the least label closed
// by the first stage bounds every plan under the cap. A stage whose sync cannot be ignored is given
// its front of points (t, b, y) instead.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "planner/search/stage_values.h"

namespace galvatron::search {

inline constexpr int kScalar = -1;

// One stage of a chain.
struct Link {
  StageName name{};
  int begin = 0;
  int end = 0;
  int point = kScalar;  // index into the front of the stage, if it has one
  Time value = 0;       // time used for it; for the first stage without a front its phi
};

struct Chain {
  Time value = 0;    // sum t + (m-1) max t + exposed sync
  Time slowest = 0;  // the largest time of the later stages
  std::vector<Link> links{};
};

// What is known at one cap; made anew for every cap.
struct StageFront {
  Time limit = 0;  // times from here on are left out
  std::vector<StagePoint> points{};
};

class ChainSolver {
 public:
  ChainSolver(StageCatalog& catalog, LeastTimes& least, FirstStage& first, Time cap);

  // The chain of least value, if below the limit. The limit must never grow between calls.
  std::optional<Chain> least_chain(Time limit, Work& work);

  // From where on a value is of no use: with a later stage of this name taking that time, or the
  // first stage of this key having that phi, no chain stays below the limit of the last call.
  Time useful_time(StageName name) const;
  Time useful_phi(int key) const;
  // The same for the time of a stage of this name, be it a later one or the first.
  Time useful_front_time(StageName name) const;

  void refresh(StageName name);
  void set_front(StageName name, StageFront front);
  const StageFront* front(StageName name) const;
  Time cap() const { return cap_; }

 private:
  struct Arc {
    int begin = 0;
    int end = 0;
    int key = 0;
  };
  struct Label {
    Time sum = 0;
    Time slowest = 0;
    Time sync = 0;
    int end = 0;    // where the stage that begins here ends
    int next = -1;  // label there
    int point = kScalar;
  };
  // Least sum and least maximum of times over one side of a chain.
  struct Side {
    Time sum = kUnlimited;
    Time slowest = kUnlimited;
  };

  std::size_t at(int stage, int layer) const {
    return static_cast<std::size_t>(stage) * static_cast<std::size_t>(catalog_.layers() + 1) +
           static_cast<std::size_t>(layer);
  }
  std::size_t slot(StageName name) const {
    return static_cast<std::size_t>(name.stage_class) *
               static_cast<std::size_t>(catalog_.keys().count()) +
           static_cast<std::size_t>(name.key);
  }
  StageName name_of(int stage, const Arc& arc) const {
    return {.stage_class = catalog_.class_of(stage), .key = arc.key};
  }
  Time value_of(int stage, const Arc& arc) const { return value_[slot(name_of(stage, arc))]; }
  Time total(Time sum, Time slowest) const {
    return sum + (catalog_.problem().micro_batches - 1) * slowest;
  }

  void make_arcs();
  void sweep_forward();
  void sweep_backward();
  void drop_useless_arcs();
  Time rest_of(int stage, const Arc& arc, Time time) const;
  void grow_labels(int stage, Work& work);
  void keep_unbeaten(int stage, int layer);
  Time close_scalar(int key, const Label& label) const;
  std::optional<Chain> close();
  Chain trace(const Arc& first, const Label& label, const std::pair<Time, int>& closing) const;

  StageCatalog& catalog_;
  LeastTimes& least_;
  FirstStage& first_;
  Time cap_;
  Time limit_ = kUnlimited;
  std::vector<Time> value_;    // [class][key]
  std::vector<int> front_of_;  // [class][key], index into fronts_ or -1
  std::vector<StageFront> fronts_;
  std::vector<std::vector<Arc>>
      arcs_;  // [stage], those that can be part of a chain below the limit
  std::vector<Side> before_,
      after_;  // [stage][layer]: stages before `stage` up to the layer; from it
  std::vector<std::vector<Label>> labels_;  // [stage][layer]
};

}  // namespace galvatron::search
