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
// Most labels belong to chains far above the least one. So that is looked for below a small limit
// first: the slack above the least known bound grows fourfold until a chain is found or the limit
// is reached.
//
// With caps on the tails of stages (tail_caps.h) every way to hold an interval is an arc of its
// own, and a label holds as well what the stages before must have for the caps of its stages to be
// as wide as they are: N, the time they must take together, and H, the backward they must hold,
// which is asked of the first stage where it closes the chain. A stage whose time is known by a
// bound counts towards H with what the longest time can hold that keeps the chain below the limit.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "planner/search/arcs.h"
#include "planner/search/first_stage.h"
#include "planner/search/stage_times.h"

namespace galvatron::search {

inline constexpr int kScalar = -1;

// One stage of a chain.
struct Link {
  StageName name{};
  int begin = 0;
  int end = 0;
  CappedTimes caps = kNoCaps;  // of the first stage with what the chain asks of its backward
  int point = kScalar;         // index into the front of the stage, if it has one
  Time value = 0;              // time used for it; for the first stage without a front its phi
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

// Caps on a stage, if those before it hold at least so much backward together, for which they need
// at least that time.
struct HeldTo {
  CappedTimes caps = kNoCaps;
  Time backward = 0;
  Time need = 0;
};

// The plans looked at: those whose stages are within caps.
struct ChainCaps {
  Time optimizer = kUnlimited;  // of every stage
  // All caps, by stage and the layer that it begins with; empty: none but that.
  std::vector<std::vector<std::vector<HeldTo>>> of_begin{};
};

// Bounds on what stands around a stage that begins with layer `begin`: the time of the stages
// before it, the time from it on, and the slowest stage from it on.
struct Surroundings {
  int begin = 0;
  Time before = 0;
  Time after = 0;
  Time slowest_after = 0;
};

// What the value of a chain holds.
enum class ChainValue {
  without_optimizer,  // sum t + (m-1) max t + exposed sync
  times,              // sum t + (m-1) max t
};

// What chains are made of. Only chains of these arcs are looked at.
struct ChainParts {
  StageCatalog& catalog;
  StageTimes& times;
  FirstStage& first;
  const Arcs& arcs;
};

class ChainSolver {
 public:
  ChainSolver(const ChainParts& parts, ChainCaps caps, ChainValue of);

  // The chain of least value, if below the limit. The limit must never grow between calls.
  std::optional<Chain> least_chain(Time limit, Work& work);

  // From where on a value is of no use: with a later stage like that of the link taking that time,
  // or the first stage of this key having that phi, no chain stays below the limit of the last
  // call.
  Time useful_time(const Link& link) const;
  Time useful_phi(int key) const;
  // The same for the time of a stage of this name, be it a later one or the first.
  Time useful_front_time(StageName name) const;

  // A bound of sum t + (m-1) max t of every chain below the limit, without sync, and by stage what
  // stands around it where it may begin. Of the last least_chain().
  Time least_times() const;
  std::vector<std::vector<Surroundings>> surroundings() const;

  // What the front of a stage of this name is held to. With caps on tails, the cap counts even
  // where no choice exceeds it: a point may beat another of a shorter tail only if its own is no
  // longer, or that one would be missing where caps forbid the first.
  CappedTimes front_caps(StageName name) const;

  // Those that can be part of a chain below the limit of the last call.
  Arcs arcs() const;

  void refresh(StageName name);
  void set_front(StageName name, StageFront front);
  const StageFront* front(StageName name) const;
  ChainValue of() const { return of_; }

 private:
  // An arc under caps, with the least time known of it.
  struct HeldArc {
    int begin = 0;
    int end = 0;
    int key = 0;
    int held = 0;  // index into held_
    Time value = 0;
  };
  struct Label {
    Time sum = 0;
    Time slowest = 0;
    Time sync = 0;
    Time need = 0;      // of the stages before it, no less than the least they take
    Time backward = 0;  // that those must hold
    int arc = -1;       // of the stage that begins here
    int next = -1;      // label where it ends
    int point = kScalar;
  };
  // Least sum and least maximum of times over one side of a chain; `closed` is the sum with the
  // sync of the first stage, if it counts.
  struct Side {
    Time sum = kUnlimited;
    Time closed = kUnlimited;
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
  StageName name_of(int stage, const HeldArc& arc) const {
    return {.stage_class = catalog_.class_of(stage), .key = arc.key};
  }
  const HeldTo& held_to(const HeldArc& arc) const {
    return held_[static_cast<std::size_t>(arc.held)];
  }
  // The first stage with what counts beside its time, without regard to what closes the chain.
  Time first_sum(const HeldArc& arc) const {
    return of_ == ChainValue::times ? arc.value : first_.lower_time_and_sync(arc.key);
  }
  Time total(Time sum, Time slowest) const {
    return sum + (catalog_.problem().micro_batches - 1) * slowest;
  }

  void value_arcs(const Arcs& arcs);
  void value_alike(int stage, const std::vector<Arc>& arcs);
  void value_by_caps(int stage, const std::vector<Arc>& arcs);
  Time lower_of(int stage, const Arc& arc, const CappedTimes& caps);
  void add_arc(int stage, const Arc& arc, std::size_t held, Time value);
  void sweep_forward();
  void sweep_backward();
  void drop_useless_arcs();
  Time rest_of(int stage, const HeldArc& arc, Time time) const;
  Time least_rest() const;
  Time useful_time(StageName name, const CappedTimes* caps) const;
  Time useful_time(int stage, const HeldArc& arc) const;
  std::optional<Chain> chain_within_reach(Work& work);
  void grow_labels(int stage, Work& work);
  void grow_labels(int stage, std::size_t index, Work& work);
  void add(const Label& label, std::vector<Label>& labels) const;
  bool beats(const Label& one, const Label& other) const;
  void keep_unbeaten(std::vector<Label>& labels, Work& work) const;
  CappedTimes closing_caps(const HeldArc& arc, const Label& label) const;
  Time close_scalar(const HeldArc& arc, const Label& label) const;
  Time close_scalar_under_caps(const HeldArc& arc, const Label& label) const;
  std::optional<Chain> close();
  Chain trace(const HeldArc& first, const Label& label, const std::pair<Time, int>& closing) const;

  StageCatalog& catalog_;
  StageTimes& times_;
  FirstStage& first_;
  ChainCaps caps_;
  ChainValue of_;
  Time limit_ = kUnlimited;
  Time least_ = 0;             // a guess at the least chain from below: where to look first
  Time reach_ = kUnlimited;    // for now chains of this value and more are not looked at
  std::vector<int> front_of_;  // [class][key], index into fronts_ or -1
  std::vector<StageFront> fronts_;
  std::vector<HeldTo> held_;
  std::vector<std::vector<HeldArc>> arcs_;  // [stage]
  std::vector<Side> before_,
      after_;  // [stage][layer]: stages before `stage` up to the layer; from it
  std::vector<std::vector<Label>> labels_;  // [stage][layer]
};

}  // namespace galvatron::search
