#!/usr/bin/env bash
# A sweep as a Slurm job array: each task trains its shard of the sweep, and needs nothing from the others.
#
#   sbatch --array=0-7 --export=ALL,DATA=/data/cifar-10-batches-bin,OUT=$HOME/sweeps/snl examples/sweep-slurm.sh
#   squeue --me                                                   # what is waiting and running
#   sbatch --dependency=afterok:JOBID --wrap "npx relu-studio merge $HOME/sweeps/snl/shard-* --out $HOME/sweeps/snl/all"
#
# Submitted from the project's folder. EXPERIMENT, SWEEP, DATA and OUT may be set; the defaults train the built-in data. A task that
# ends early (time limit, node failure, preemption) goes on from its checkpoint when it is submitted again with the same index.
#SBATCH --job-name=relu-sweep
#SBATCH --time=08:00:00
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
set -euo pipefail

EXPERIMENT=${EXPERIMENT:-examples/snl-quick.json}
SWEEP=${SWEEP:-examples/sweep-snl.json}
DATA=${DATA:-synthetic}
OUT=${OUT:-runs/sweep}
# Tasks are numbered from the array's first index on, whatever that is.
first=${SLURM_ARRAY_TASK_MIN:-0}
shard=$((${SLURM_ARRAY_TASK_ID:-0} - first))
shards=${SLURM_ARRAY_TASK_COUNT:-1}

cd "${SLURM_SUBMIT_DIR:-.}"
echo "Shard $shard of $shards on $(hostname)"
# Tasks that need the same dense phase take it from each other through OUT/shared; those that need it at the same time both train it,
# with the same result.
node scripts/cli.mjs sweep --experiment "$EXPERIMENT" --sweep "$SWEEP" --data $DATA \
  --out "$OUT/shard-$shard" --shard "$shard/$shards" --shared "$OUT/shared" &
child=$!
# Slurm signals the batch shell a minute before the time limit: the training stops at a checkpoint.
trap 'kill -TERM $child 2>/dev/null; wait $child' TERM
wait $child
