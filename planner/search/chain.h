// The stages put together, under one cap on the optimizer and, where asked for, caps on their
// tails.
//
// From the last stage to the first, a label holds S, the sum of times, A, the largest of them, and
// Y, the sync that is exposed so far if nothing hid it further: Y = max(y_i, Y - b_i). Of a later
// stage only a lower bound v of its time is known at first, and it stands as t = v, y = 0, b = the
// most that v can hold: replacing a stage so never raises the step time. So the least label closed
// by the first stage bounds every plan under the cap. A stage whose sync cannot be ignored is given
// its front of points (t, b, y) instead.
//
// A step ends with Z = max_i (y_i - sum_{j<i} b_j)^+ + max_i o_i, which no stage's y_i + o_i
// exceeds by more than the backward of the stages before it; neither does y_i exceed by more what
// the slowest optimizer leaves of Z. So a cap on Z is a cap on the tail and the sync of every
// stage, and a stage that must have short ones takes longer.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "planner/search/first_stage.h"
#include "planner/search/stage_times.h"

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
  Time value = 0;
  Time slowest = 0;  // the largest time of the later stages
  std::vector<Link> links{};
};

// What is known at one cap; made anew for every cap.
struct StageFront {
  Time limit = 0;  // times from here on are left out
  std::vector<StagePoint> points{};
};

// The plans looked at: those whose stages are within caps.
struct ChainCaps {
  Time optimizer = kUnlimited;          // of every stage
  std::vector<CappedTimes> of_stage{};  // all caps, by stage; empty: none but that
};

// Stages from one on that begins with layer `begin` take at least so long together.
struct TimesAfter {
  int begin = 0;
  Time least = 0;
};

// Layers [begin, end) as a stage, and their key.
struct Arc {
  int begin = 0;
  int end = 0;
  int key = 0;
};
using Arcs = std::vector<std::vector<Arc>>;  // [stage]

// All ways to cut the chain into stages.
Arcs all_arcs(const StageCatalog& catalog);

// What the value of a chain holds.
enum class ChainValue {
  without_optimizer,  // sum t + (m-1) max t + exposed sync
  times,              // sum t + (m-1) max t
};

class ChainSolver {
 public:
  // Only chains of these arcs are looked at.
  ChainSolver(StageCatalog& catalog, StageTimes& times, FirstStage& first, const Arcs& arcs,
              ChainCaps caps, ChainValue of);

  // The chain of least value, if below the limit. The limit must never grow between calls.
  std::optional<Chain> least_chain(Time limit, Work& work);

  // From where on a value is of no use: with a later stage of this name taking that time, or the
  // first stage of this key having that phi, no chain stays below the limit of the last call.
  Time useful_time(StageName name) const;
  Time useful_phi(int key) const;
  // The same for the time of a stage of this name, be it a later one or the first.
  Time useful_front_time(StageName name) const;

  // A bound of sum t + (m-1) max t of every chain below the limit, without sync, and by stage what
  // follows where it may begin. Of the last least_chain().
  Time least_times() const;
  std::vector<std::vector<TimesAfter>> times_after() const;

  // What the front of a stage of this name is held to. With caps on tails, the cap counts even
  // where no choice exceeds it: a point may beat another of a shorter tail only if its own is no
  // longer, or that one would be missing where caps forbid the first.
  CappedTimes front_caps(StageName name) const;

  // Those that can be part of a chain below the limit of the last call.
  const Arcs& arcs() const { return arcs_; }

  void refresh(StageName name);
  void set_front(StageName name, StageFront front);
  const StageFront* front(StageName name) const;
  ChainValue of() const { return of_; }
  CappedTimes caps_of(int stage) const {
    if (caps_.of_stage.empty()) return only_optimizer(caps_.optimizer);
    return caps_.of_stage[static_cast<std::size_t>(stage)];
  }

 private:
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
  Time value_of(int stage, const Arc& arc) const { return value_[value_slot(stage, arc.key)]; }
  // The first stage without regard to what closes the chain: its time, and with what else counts.
  Time first_time(const Arc& arc) const {
    return of_ == ChainValue::times ? value_of(0, arc) : first_.lower_time(arc.key);
  }
  Time first_sum(const Arc& arc) const {
    return of_ == ChainValue::times ? value_of(0, arc) : first_.lower_time_and_sync(arc.key);
  }
  std::size_t value_slot(int stage, int key) const {
    return static_cast<std::size_t>(stage) * static_cast<std::size_t>(catalog_.keys().count()) +
           static_cast<std::size_t>(key);
  }
  Time total(Time sum, Time slowest) const {
    return sum + (catalog_.problem().micro_batches - 1) * slowest;
  }

  void value_arcs(const Arcs& arcs);
  void sweep_forward();
  void sweep_backward();
  void drop_useless_arcs();
  Time rest_of(int stage, const Arc& arc, Time time) const;
  bool is_within_caps(int stage, const StageCost& cost) const;
  void grow_labels(int stage, Work& work);
  void keep_unbeaten(int stage, int layer);
  Time close_scalar(const Arc& arc, const Label& label) const;
  std::optional<Chain> close();
  Chain trace(const Arc& first, const Label& label, const std::pair<Time, int>& closing) const;

  StageCatalog& catalog_;
  StageTimes& times_;
  FirstStage& first_;
  ChainCaps caps_;
  ChainValue of_;
  Time limit_ = kUnlimited;
  std::vector<Time> value_;    // [stage][key]
  std::vector<int> front_of_;  // [class][key], index into fronts_ or -1
  std::vector<StageFront> fronts_;
  Arcs arcs_;
  std::vector<Side> before_,
      after_;  // [stage][layer]: stages before `stage` up to the layer; from it
  std::vector<std::vector<Label>> labels_;  // [stage][layer]
};

}  // namespace galvatron::search
