// BERT, ViT, T5 and Swin on several ranks train as one process does.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "test/catch.h"
#include "test/executor/families/family_rows.h"
#include "test/executor/run/largest_difference.h"

namespace galvatron {
namespace {

TEST_CASE("every family trains on several ranks as in one process") {
  const std::vector<FamilyRun> single{run_family(one_process(FamilyModel::bert)),
                                      run_family(one_process(FamilyModel::bert_pairs)),
                                      run_family(one_process(FamilyModel::vit)),
                                      run_family(one_process(FamilyModel::t5)),
                                      run_family(one_process(FamilyModel::t5_gated)),
                                      run_family(one_process(FamilyModel::swin))};
  for (std::size_t i = 0; i < family_rows().size(); ++i) {
    const auto& [model, row] = family_rows()[i];
    const FamilyRun& run = family_runs()[i];
    const FamilyRun& one = single[static_cast<std::size_t>(model)];
    if (!run.member || !one.member) continue;  // rank 0 knows both
    INFO(row.name);
    const double losses = largest_difference(run.losses, one.losses);
    const double norms = largest_difference(run.grad_norms, one.grad_norms);
    fmt::print(
        "{:<10} {:<28} {} ranks  loss {:.4f} -> {:.4f}  differences {:7.1e}, norms {:7.1e}\n",
        plan_of(model, row).model.name, row.name, row.devices, run.losses.front(),
        run.losses.back(), losses, norms);
    std::fflush(stdout);
    CHECK(losses <= kLossTolerance);
    CHECK(norms <= kNormTolerance);
  }
}

TEST_CASE("exported weights are read back by another plan and give the same loss") {
  for (const FamilyModel model : {FamilyModel::bert, FamilyModel::bert_pairs, FamilyModel::vit,
                                  FamilyModel::t5, FamilyModel::t5_gated, FamilyModel::swin}) {
    const Plan whole = one_process(model);
    const Plan split = plan_of(model, {.name = "split",
                                       .devices = 4,
                                       .stage_layers = {3, 5},
                                       .ends = "t2",
                                       .blocks = {{"t2 sp"}, {"t2", "z3", "z3", "z3"}}});
    const std::string folder =
        (std::filesystem::temp_directory_path() / "galvatron_families").string();
    const FamilyRun trained = run_family(split, {.weights = "", .exported = folder});
    const FamilyRun one = run_family(whole, {.weights = folder, .exported = ""});
    const FamilyRun other = run_family(split, {.weights = folder, .exported = ""});
    if (!one.member) continue;
    CHECK(one.losses.front() != Approx(trained.losses.front()));
    CHECK(largest_difference(other.losses, one.losses) <= kLossTolerance);
  }
}

}  // namespace
}  // namespace galvatron
