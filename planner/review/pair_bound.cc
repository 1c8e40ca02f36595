#include "planner/review/pair_bound.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "planner/review/best_price.h"
#include "planner/review/priced_chain.h"

namespace galvatron {
namespace {

using search::kUnlimited;
using search::Time;

constexpr int kMostRounds = 400;       // over all cells
constexpr int kMostPricesAtOnce = 12;  // for one stage of one chain
constexpr std::size_t kMostCells = 48;
constexpr double kLeastGain = 1.0 / 2048;  // of what is missing
constexpr Time kShareOfWidth =
    16;  // cells are halved while wider than this part of what is missing

std::vector<OptimizerCell> cells_of(const std::vector<std::int64_t>& highs) {
  std::vector<OptimizerCell> cells;
  Time low = 0;
  for (const Time high : highs) {
    cells.push_back({.low = low, .high = high});
    low = high + 1;
  }
  cells.push_back({.low = low, .high = kUnlimited});
  return cells;
}

class ProofSearch {
 public:
  ProofSearch(const search::Problem& problem, Time target, const std::function<bool()>& stop)
      : problem_(problem), target_(target), stop_(stop), chain_(problem), best_prices_(problem) {}

  PairProof run() {
    cells_.push_back({.cell = {}, .bound = 0});
    for (int round = 0; round < kMostRounds; ++round) {
      if (stop_ && stop_()) break;
      const auto least = std::min_element(
          cells_.begin(), cells_.end(),
          [](const Known& one, const Known& other) { return one.bound < other.bound; });
      if (least->bound >= target_) break;
      if (!work_on(static_cast<std::size_t>(least - cells_.begin()))) break;
    }
    return proof();
  }

 private:
  struct Known {
    OptimizerCell cell{};
    Time bound = 0;
  };

  // False where nothing more can be done for the cell.
  bool work_on(std::size_t index) {
    const OptimizerCell cell = cells_[index].cell;
    const CellBound found = chain_.bound(cell, target_);
    cells_[index].bound = std::max(cells_[index].bound, found.bound);
    if (found.bound >= target_) return true;
    bool better = false;
    for (const PricedLink& link : found.chain) {
      better |= charge(link, cell, target_ - found.bound);
    }
    return better || split(index, found.bound);
  }

  // Looks for better prices of one stage, for the X that bounds it worst, again and again.
  bool charge(const PricedLink& link, const OptimizerCell& cell, Time missing) {
    const StageTerms terms{.high = cell.high, .slowest = link.slowest};
    const StageRole role = role_of(problem_, link.stage);
    const double weight =
        role == StageRole::later ? static_cast<double>(problem_.micro_batches) : 1;
    bool better = false;
    for (int count = 0; count < kMostPricesAtOnce; ++count) {
      const PricedStage& stage = chain_.priced(link);
      const StageBound worst = stage.bound(terms);
      if (worst.value == kUnlimited) break;
      const std::optional<StagePrice> price =
          best_prices_.of({.shape = problem_.stages[static_cast<std::size_t>(link.stage)],
                           .role = role,
                           .types = types_of(link.layers),
                           .cap = stage.caps()[worst.cap],
                           .terms = terms});
      if (!price) break;
      const double gain = stage.gain(*price, worst, terms);
      if (gain * weight < std::max(1.0, kLeastGain * static_cast<double>(missing))) break;
      chain_.add(link.stage, *price);
      better = true;
    }
    return better;
  }

  // A cell's bound is that at its high end, plus its low end. Cuts off what its optimizer time
  // alone brings to the target, or halves it.
  bool split(std::size_t index, Time bound) {
    const auto [low, high] = cells_[index].cell;
    if (problem_.stages.size() == 1 || low == high || cells_.size() >= kMostCells) return false;
    const Time missing = target_ - bound;
    if (low + missing - 1 < high) {
      cells_.push_back({.cell = {.low = low + missing, .high = high}, .bound = target_});
      cells_[index].cell.high = low + missing - 1;
      return true;
    }
    if (high - low <= missing / kShareOfWidth) return false;
    const Time middle = low + (high - low) / 2;
    cells_.push_back({.cell = {.low = middle + 1, .high = high}, .bound = bound});
    cells_[index].cell.high = middle;
    return true;
  }

  PairProof proof() const {
    PairProof proof{.bound = target_};
    for (const Known& known : cells_) {
      proof.bound = std::min(proof.bound, known.bound);
      if (known.cell.high != kUnlimited) proof.cells.push_back(known.cell.high);
    }
    std::sort(proof.cells.begin(), proof.cells.end());
    proof.stages = chain_.prices();
    return proof;
  }

  const search::Problem& problem_;
  Time target_;
  const std::function<bool()>& stop_;
  PricedChain chain_;
  BestPrices best_prices_;
  std::vector<Known> cells_;
};

}  // namespace

Time proved_bound(const search::Problem& problem, const PairProof& proof, Time target) {
  PricedChain chain(problem);
  for (const StagePrices& stage : proof.stages) {
    if (stage.stage >= static_cast<int>(problem.stages.size())) continue;
    for (const StagePrice& price : stage.prices) chain.add(stage.stage, price);
  }
  Time bound = target;
  for (const OptimizerCell& cell : cells_of(proof.cells)) {
    bound = std::min(bound, chain.bound(cell, target).bound);
  }
  return bound;
}

PairProof find_proof(const search::Problem& problem, Time target,
                     const std::function<bool()>& stop) {
  return ProofSearch(problem, target, stop).run();
}

}  // namespace galvatron
