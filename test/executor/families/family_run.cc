#include "test/executor/families/family_run.h"

#include <cmath>

#include "executor/parameters/export_weights.h"
#include "executor/train/trainer.h"
#include "planner/model/swin_sizes.h"
#include "test/executor/test_device.h"

namespace galvatron {
namespace {

constexpr int kSteps = 4;

Sample made_up(const BertConfig& config, std::int64_t length, std::int64_t number) {
  Sample sample;
  for (std::int64_t position = 0; position < length; ++position) {
    const std::int64_t token = (number * 7 + position * (3 + number % 5)) % config.vocabulary;
    const bool hidden = number % 4 == 1 && position >= length - 3 - number % 7;
    const bool target = (position + number) % 5 == 0 && !hidden;
    sample.tokens.push_back(hidden ? config.padding_token : target ? config.vocabulary - 1 : token);
    sample.targets.push_back(target ? token : kIgnoredTarget);
    sample.token_types.push_back(position > length / 2 ? 1 : 0);
    sample.seen.push_back(hidden ? 0 : 1);
  }
  if (config.head == BertHead::pretraining) {
    sample.next_sentence = {number % 6 == 5 ? kIgnoredTarget : number % 2};
  }
  return sample;
}

template <typename Config>
Sample made_up_image(const Config& config, std::int64_t number) {
  Sample sample;
  const std::int64_t label = number * 5 % config.classes;
  sample.targets = {number % 7 == 6 ? kIgnoredTarget : label};
  const std::int64_t pixels = config.channels * config.image_height * config.image_width;
  for (std::int64_t i = 0; i < pixels; ++i) {
    const auto phase = static_cast<double>(number * 13 + i * (3 + 2 * label));
    sample.pixels.push_back(static_cast<float>(std::sin(0.1 * phase)));
  }
  return sample;
}

Sample made_up(const T5Config& config, std::int64_t length, std::int64_t number) {
  Sample sample;
  for (std::int64_t position = 0; position < length; ++position) {
    const bool hidden = number % 4 == 1 && position >= length - 3 - number % 7;
    const std::int64_t token = (number * 7 + position * (3 + number % 5)) % config.vocabulary;
    sample.tokens.push_back(hidden ? config.padding_token : token);
    sample.seen.push_back(hidden ? 0 : 1);
  }
  const std::int64_t target = target_length(config, length);
  std::int64_t read = config.start_token;
  for (std::int64_t position = 0; position < target; ++position) {
    const bool ends = position >= target - number % 5;
    sample.decoder_tokens.push_back(read);
    read = ends ? config.padding_token : sample.tokens[static_cast<std::size_t>(position)];
    sample.targets.push_back(ends ? kIgnoredTarget : read);
  }
  return sample;
}

Sample made_up(const VitConfig& config, std::int64_t, std::int64_t number) {
  return made_up_image(config, number);
}

Sample made_up(const SwinConfig& config, std::int64_t, std::int64_t number) {
  return made_up_image(config, number);
}

template <typename Config>
Sample made_up(const Config&, std::int64_t, std::int64_t) {
  return {};
}

StepInput step_input(const Plan& plan, std::int64_t step) {
  const std::int64_t first = step * plan.job.global_batch;
  StepInput input{.step = step,
                  .seed = 7,
                  .learning_rate = 1e-2,
                  .sample = [&plan, first](std::int64_t number) {
                    return std::visit(
                        [&](const auto& config) {
                          return made_up(config, plan.model.sequence_length, first + number);
                        },
                        plan.model.config);
                  }};
  const auto trained = [](const std::vector<std::int64_t>& targets) {
    return std::count_if(targets.begin(), targets.end(),
                         [](std::int64_t target) { return target != kIgnoredTarget; });
  };
  std::int64_t targets = 0;
  std::int64_t next_sentence = 0;
  for (std::int64_t number = 0; number < plan.job.global_batch; ++number) {
    targets += trained(input.sample(number).targets);
    next_sentence += trained(input.sample(number).next_sentence);
  }
  input.targets = static_cast<double>(targets);
  input.next_sentence_targets = static_cast<double>(next_sentence);
  return input;
}

void fill(Trainer& trainer, const std::string& folder) {
  if (folder.empty()) return trainer.fill(random_weights(7));
  const WeightFiles files = open_weights(folder);
  trainer.fill(stored_weights(files, trainer.graph()));
}

Model tiny_bert(BertHead head) {
  return {.name = "tiny-bert",
          .sequence_length = 32,
          .config = BertConfig{.vocabulary = 61,
                               .positions = 40,
                               .hidden = 32,
                               .layers = 6,
                               .heads = 8,
                               .mlp_width = 128,
                               .initializer_range = 0.1,
                               .attention_dropout = 0,
                               .padding_token = 4,
                               .tied_embeddings = head == BertHead::masked_lm,
                               .head = head}};
}

Model tiny_t5(FamilyModel model) {
  const bool gated = model == FamilyModel::t5_gated;
  return {.name = gated ? "tiny-t5-gated" : "tiny-t5",
          .sequence_length = 32,
          .config = T5Config{.vocabulary = 61,
                             .target_sequence_length = 24,
                             .hidden = 32,
                             .encoder_layers = 2,
                             .decoder_layers = 3,
                             .heads = 8,
                             .head_size = gated ? 6 : 4,
                             .mlp_width = gated ? 80 : 128,
                             .activation = gated ? Activation::gelu_tanh : Activation::relu,
                             .gated_mlp = gated,
                             .position_buckets = 8,
                             .position_distance = 16,
                             .dropout = 0.1,
                             .padding_token = 4,
                             .tied_embeddings = true}};
}

Model tiny_vit() {
  const VitConfig config{.image_height = 30,
                         .image_width = 33,
                         .patch_height = 4,
                         .patch_width = 4,
                         .classes = 11,
                         .hidden = 32,
                         .layers = 6,
                         .heads = 8,
                         .mlp_width = 128,
                         .initializer_range = 0.1,
                         .hidden_dropout = 0.1};
  return {.name = "tiny-vit", .sequence_length = token_count(config), .config = config};
}

// Grids of 10 x 11 and 5 x 6 tokens, both of which shift and are filled up.
Model tiny_swin() {
  const SwinConfig config{.image_height = 29,
                          .image_width = 33,
                          .patch_height = 3,
                          .patch_width = 3,
                          .classes = 11,
                          .hidden = 32,
                          .depths = {2, 3},
                          .heads = {8, 8},
                          .window = 3,
                          .initializer_range = 0.1,
                          .hidden_dropout = 0.1,
                          .attention_dropout = 0.1,
                          .path_dropout = 0.3};
  return {.name = "tiny-swin", .sequence_length = token_count(config), .config = config};
}

}  // namespace

Model family_model(FamilyModel model) {
  switch (model) {
    case FamilyModel::bert:
      return tiny_bert(BertHead::masked_lm);
    case FamilyModel::bert_pairs:
      return tiny_bert(BertHead::pretraining);
    case FamilyModel::vit:
      return tiny_vit();
    case FamilyModel::t5:
    case FamilyModel::t5_gated:
      return tiny_t5(model);
    case FamilyModel::swin:
      return tiny_swin();
  }
  return {};
}

FamilyRun run_family(const Plan& plan, const FamilyFolders& folders) {
  Ledger ledger;
  const auto world = make_test_world(plan.devices, ledger);
  if (!world) return {};
  Trainer trainer(*world, plan, blocks_of(plan.model, Dropout::as_configured), AdamW{},
                  test_device());
  fill(trainer, folders.weights);
  FamilyRun run{.member = true, .rank = world->rank()};
  for (std::int64_t step = 0; step < kSteps; ++step) {
    ledger.clear();
    trainer.live_bytes().reset_peak();
    const StepOutcome outcome = trainer.step(step_input(plan, step));
    run.losses.push_back(outcome.loss);
    run.grad_norms.push_back(outcome.grad_norm);
  }
  run.ledger = ledger.entries();
  run.peak = trainer.live_bytes().at_peak();
  if (!folders.exported.empty()) {
    export_weights({.plan = plan, .graph = trainer.graph(), .folder = folders.exported},
                   trainer.store(), *world);
  }
  return run;
}

}  // namespace galvatron
