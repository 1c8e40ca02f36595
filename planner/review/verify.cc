#include "planner/review/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "planner/plan/proof_yaml.h"
#include "planner/review/pair_bound.h"
#include "planner/review/prove.h"
#include "planner/review/searched_space.h"

namespace galvatron {
namespace {

using search::Time;

// Other compilers round sums of doubles in other places.
constexpr double kRounding = 1e-9;

Time rounded_down(Time bound) {
  return bound - static_cast<Time>(static_cast<double>(bound) * kRounding);
}

enum class Closed { without_memory, without_prices, by_prices };

bool is_of(const PairProof& proof, const SearchedPair& pair) {
  return proof.global_batch == pair.global_batch && proof.pipeline == pair.choice.pipeline &&
         proof.micro_batches == pair.choice.micro_batches;
}

std::string name_of(std::int64_t global_batch, int pipeline, std::int64_t micro_batches) {
  return fmt::format("global batch {}, pipeline {}, {} micro-batches", global_batch, pipeline,
                     micro_batches);
}

class Verifier {
 public:
  explicit Verifier(const Plan& plan)
      : plan_(plan),
        proof_(*plan.proof),
        space_(plan, plan.proof->global_batches),
        least_(plan.certificate->lower_bound) {}

  Verification run() {
    check_searched();
    const std::vector<SearchedPair> pairs = space_.pairs();
    check_names(pairs);
    for (const SearchedPair& pair : pairs) check_pair(pair);
    found_.pairs = static_cast<int>(pairs.size());
    found_.proved = proof_.bound;
    found_.gap = std::max(0.0, 1 - proof_.bound / plan_.predicted.closed_form);
    if (std::abs(proof_.bound.value - least_.value) > kRounding * least_.value) {
      refuse(fmt::format("the proof's bound is {:.9g} s, the least of its pairs is {:.9g} s",
                         proof_.bound.value, least_.value));
    }
    return std::move(found_);
  }

 private:
  void refuse(std::string message) {
    found_.findings.push_back({"certificate", std::move(message)});
  }

  void check_searched() {
    const std::vector<SearchedPart> parts = searched_parts(plan_);
    for (std::size_t at = 0; at < parts.size(); ++at) {
      if (parts[at] == proof_.searched[at]) continue;
      refuse(fmt::format("the proof is for {} {}, the plan holds {}", parts[at].name,
                         proof_.searched[at].hash, parts[at].hash));
    }
    const std::vector<std::int64_t>& batches = proof_.global_batches;
    if (std::find(batches.begin(), batches.end(), plan_.job.global_batch) == batches.end()) {
      refuse(fmt::format("the proof says nothing about the global batch of {}",
                         plan_.job.global_batch));
    }
  }

  void check_names(const std::vector<SearchedPair>& pairs) {
    for (const PairProof& proof : proof_.pairs) {
      const bool exists = std::any_of(pairs.begin(), pairs.end(),
                                      [&](const SearchedPair& pair) { return is_of(proof, pair); });
      if (exists) continue;
      refuse(fmt::format("{}: was not searched",
                         name_of(proof.global_batch, proof.pipeline, proof.micro_batches)));
    }
  }

  // The proof of a member of the pair, or of all of them at once.
  const PairProof* proof_of(const SearchedPair& pair, std::optional<int> member) const {
    const auto found = std::find_if(
        proof_.pairs.begin(), proof_.pairs.end(),
        [&](const PairProof& proof) { return is_of(proof, pair) && proof.member == member; });
    return found == proof_.pairs.end() ? nullptr : &*found;
  }

  void check_pair(const SearchedPair& pair) {
    const std::optional<Instance> list = space_.list(pair);
    const Time stated = stated_for(pair);
    if (!list || memory_free_bound(list->problem) >= stated) {
      count(Closed::without_memory);
      return;
    }
    if (const PairProof* proof = proof_of(pair, std::nullopt)) {
      count(check_problem(pair, list->problem, proof));
      return;
    }
    const std::vector<Instance> problems = space_.problems(pair, *list);
    if (problems.size() > 1 && proved_bound(list->problem, {}, stated) >= stated) {
      count(Closed::without_prices);
      return;
    }
    Closed how = Closed::without_memory;
    for (std::size_t member = 0; member < problems.size(); ++member) {
      const PairProof* proof = proof_of(pair, static_cast<int>(member));
      how = std::max(how, check_problem(pair, problems[member].problem, proof));
    }
    count(how);
  }

  // What the certificate says about plans of this batch.
  Time stated_for(const SearchedPair& pair) const {
    return bound_at(plan_.certificate->lower_bound, plan_, pair.global_batch);
  }

  // A problem that is not in the proof must reach what the certificate says; one that is in it what
  // is said there, which may be less.
  Closed check_problem(const SearchedPair& pair, const search::Problem& problem,
                       const PairProof* proof) {
    const Time stated = stated_for(pair), without_memory = memory_free_bound(problem);
    if (proof == nullptr) {
      if (without_memory >= stated) return Closed::without_memory;
      check_bound(pair, proved_bound(problem, {}, stated), stated);
      return Closed::without_prices;
    }
    const Time derived = std::max(without_memory, proved_bound(problem, *proof, proof->bound));
    check_bound(pair, derived, proof->bound);
    const Seconds bound = bound_from(proof->bound, pair.global_batch, plan_);
    if (proof->bound < stated) {
      least_ = std::min(least_, bound);
      found_.weak.push_back({.global_batch = pair.global_batch,
                             .pipeline = pair.choice.pipeline,
                             .micro_batches = pair.choice.micro_batches,
                             .bound = bound});
    }
    return Closed::by_prices;
  }

  void check_bound(const SearchedPair& pair, Time derived, Time claimed) {
    if (derived >= rounded_down(claimed)) return;
    const auto seconds = [&](Time time) {
      return bound_from(time, pair.global_batch, plan_).value;
    };
    refuse(fmt::format("{}: the prices prove {:.9g} s, the proof says {:.9g} s",
                       name_of(pair.global_batch, pair.choice.pipeline, pair.choice.micro_batches),
                       seconds(derived), seconds(claimed)));
  }

  void count(Closed how) {
    switch (how) {
      case Closed::without_memory:
        ++found_.without_memory;
        return;
      case Closed::without_prices:
        ++found_.without_prices;
        return;
      case Closed::by_prices:
        ++found_.by_prices;
        return;
    }
  }

  const Plan& plan_;
  const Proof& proof_;
  SearchedSpace space_;
  Seconds least_;  // of the bounds that the pairs state
  Verification found_;
};

}  // namespace

Verification verify(const Plan& plan) {
  if (!plan.certificate || !plan.proof) {
    return {.findings = {{"certificate", "the plan holds no proof of its lower bound"}}};
  }
  const SpaceReading space = read_space(plan.inputs->search.only, plan.inputs->runtime);
  if (!space.problems.empty()) return {.findings = {{"inputs", space.problems.front().message}}};
  return Verifier(plan).run();
}

}  // namespace galvatron
