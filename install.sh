#!/usr/bin/env bash
# Все процессы проекта — шаги этого сценария (спецификация 2.4 и 5.1): ./install.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

VENV=.venv
STAMP=$VENV/.ttsf-stamp
STEPS=(setup data train tune synthesize monitor test demo)
DATA_STEPS=(segment transcribe normalize check split version import prepare)
PLUGINS=(tacotron2 hifigan optuna_engine russian silero_vad) # без них не обойтись; остальные — по --with
DEMO_CLIPS=${TTSF_DEMO_CLIPS:-80}
DEMO_TEXT=${TTSF_DEMO_TEXT:-'Добрый день! Этот голос учился всего несколько минут.'}

usage() {
    cat <<'EOF'
Usage: ./install.sh STEP [ARGUMENTS]      (STEP is a name or its number)

  1 setup        make .venv and install ttsf into it (--dev adds every plugin and the tools
                 for tests, --with whisper,dvc adds plugins from the folder plugins/)
  2 data         make a corpus:      ./install.sh data get ru-nsh --dest data/ru_nsh
    2.1 segment      cut recordings at pauses:   ./install.sh segment raw/ --out data/voice
    2.2 transcribe   write down what is said:    ./install.sh transcribe data/voice
    2.3 normalize    numbers, stress, symbols:   ./install.sh normalize data/voice
    2.4 check        look for defects:           ./install.sh check data/voice
    2.5 split        lists for training:         ./install.sh split data/voice
    2.6 version      keep versions of a corpus:  ./install.sh version save data/voice
    2.7 import       corpora of other layouts:   ./install.sh import vctk VCTK/ --out data/vctk
    2.8 prepare      2.1-2.5 in one command:     ./install.sh prepare raw/ --out data/voice
  3 train        train a model:      ./install.sh train --config run.yaml
  4 tune         train and tune:     ./install.sh tune --config run.yaml
  5 synthesize   text to speech:     ./install.sh synthesize --checkpoint C --text T --out W
  6 monitor      start TensorBoard, MLflow and the Optuna dashboard; Ctrl-C stops them
  7 test         run the tests with coverage (arguments go to pytest; -m long: the longest ones)
  8 demo         tune a small Tacotron 2 on real Russian speech, 15 minutes on 2 cores

Every step installs what is missing first, so running any of them twice is safe.
Nothing needs root; everything stays in this folder. TTSF_PYTHON names the Python to use.
EOF
}

say() { printf '\n\033[1m==> %s\033[0m\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

# --- 1. setup ------------------------------------------------------------------------------

find_python() {
    local name
    for name in ${TTSF_PYTHON:+"$TTSF_PYTHON"} python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    die "no Python 3.11 or newer is found; install one or name it: TTSF_PYTHON=/path ./install.sh"
}

# Отпечаток всего, от чего зависит установленное: менять .venv без нужды незачем.
fingerprint() {
    cat pyproject.toml constraints.txt plugins/*/pyproject.toml | cksum
    echo "$PWD"
}

# setup [--dev] [--with ПЛАГИН,ПЛАГИН]: поставленное раньше остаётся.
setup() {
    local dev='' wanted=("${PLUGINS[@]}") name
    while (($#)); do
        case $1 in
            --dev) dev=dev ;;
            --with)
                IFS=, read -ra names <<<"${2:?setup: --with needs names of folders in plugins/}"
                wanted+=("${names[@]}")
                shift
                ;;
            *) die "setup: unknown argument $1; --dev and --with PLUGIN,PLUGIN are known" ;;
        esac
        shift
    done
    if [[ $dev || -f $STAMP.dev ]]; then
        dev=dev
        wanted=(plugins/*/)
        wanted=("${wanted[@]#plugins/}")
        wanted=("${wanted[@]%/}")
    elif [[ -f $STAMP.plugins ]]; then
        mapfile -t -O "${#wanted[@]}" wanted <"$STAMP.plugins"
    fi
    local -A chosen=()
    for name in "${wanted[@]}"; do
        [[ -f plugins/$name/pyproject.toml ]] || die "setup: plugins/$name: no such plugin"
        chosen[$name]=1
    done
    wanted=()
    for name in plugins/*/; do # порядок папок, а не просьб: отпечаток не зависит от него
        name=${name#plugins/}
        name=${name%/}
        [[ -z ${chosen[$name]:-} ]] || wanted+=("$name")
    done
    local state
    state="$(fingerprint) ${wanted[*]} $dev"
    if [[ -f $STAMP && "$(cat "$STAMP")" == "$state" ]]; then
        return
    fi
    if [[ ! -x $VENV/bin/python ]]; then
        local python
        python=$(find_python)
        say "making $VENV with $("$python" --version)"
        "$python" -m venv "$VENV" ||
            die "$python cannot make a virtual environment; install its venv package" \
                "(python3-venv on Debian) or set TTSF_PYTHON"
    fi
    say "installing ttsf with ${wanted[*]} into $VENV (the first time takes a few minutes)"
    rm -f "$STAMP"
    local targets=(-e ".[synthetic${dev:+,dnsmos,evaluate,ffmpeg,dev}]")
    for name in "${wanted[@]}"; do
        targets+=(-e "plugins/$name$(extras "$name" "$dev")")
    done
    # Свежий pip разбирает зависимости вдвое быстрее; сборщик, поставленный заранее один на всех,
    # не ставится заново для каждого плагина; байт-код соберёт импорт — лишь того, что импортируют.
    local pip=("$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt)
    "${pip[@]}" --upgrade pip hatchling editables &&
        "${pip[@]}" --no-compile --no-build-isolation "${targets[@]}" ||
        die "installation failed; the reason is above. Run the step again to continue"
    printf '%s\n' "${wanted[@]}" >"$STAMP.plugins"
    [[ -z $dev ]] || touch "$STAMP.dev"
    echo "$state" >"$STAMP"
}

# Что поставить вместе с плагином, чтобы его шаг работал сразу.
extras() {
    case $1 in
        optuna_engine) echo "[dashboard${2:+,cmaes,gp,qmc,wilcoxon}]" ;;
        hifigan | tacotron2) [[ -z $2 ]] || echo '[onnx]' ;;
        whisper) echo '[tiny-en]' ;;
    esac
}

ttsf() {
    setup
    "$VENV/bin/ttsf" "$@"
}

# --- 6. monitor ----------------------------------------------------------------------------

free_port() {
    "$VENV/bin/python" - "$1" <<'EOF'
import socket
import sys

for port in range(int(sys.argv[1]), 65536):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break
EOF
}

SERVERS=()

# serve ИМЯ ПОРТ КОМАНДА...: запусти сервер в своей группе процессов и дождись ответа порта.
serve() {
    local name=$1 port=$2
    shift 2
    "$@" >"output/.monitor-$port.log" 2>&1 &
    local server=$!
    SERVERS+=("$server")
    for _ in {1..120}; do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%-18s http://127.0.0.1:%s\n' "$name" "$port"
            return
        fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.5
    done
    printf '%-18s did not start: %s\n' "$name" "$(tail -n 1 "output/.monitor-$port.log")" >&2
}

stop_servers() {
    trap - INT TERM EXIT
    local server
    for server in "${SERVERS[@]}"; do
        kill -TERM -- "-$server" 2>/dev/null || true
    done
    for _ in {1..20}; do
        [[ -n $(jobs -pr) ]] || break
        sleep 0.25
    done
    for server in "${SERVERS[@]}"; do # кто не ушёл за пять секунд, того не ждём
        kill -KILL -- "-$server" 2>/dev/null || true
    done
    wait
    rm -f output/.monitor-*.log output/.optuna.db
}

monitor() {
    setup
    mkdir -p output mlruns
    set -m # каждому серверу — своя группа процессов: её и останавливаем целиком
    trap stop_servers EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    local port
    port=$(free_port 6006)
    serve TensorBoard "$port" "$VENV/bin/tensorboard" --logdir output --port "$port" \
        --host 127.0.0.1
    if [[ -n ${MLFLOW_TRACKING_URI:-} ]]; then
        printf '%-18s %s\n' MLflow "$MLFLOW_TRACKING_URI"
    else
        port=$(free_port 5000)
        # очередь фоновых заданий MLflow здесь не нужна и держит лишние процессы
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false serve MLflow "$port" "$VENV/bin/mlflow" ui --port "$port" --host 127.0.0.1 \
            --backend-store-uri sqlite:///mlruns/mlflow.db --default-artifact-root mlruns/artifacts
    fi
    # исследования Optuna — зеркала историй запусков в одном файле; тюнеру он не нужен
    local history database=sqlite:///output/.optuna.db
    "$VENV/bin/python" -c "import optuna; optuna.storages.RDBStorage('$database')" 2>/dev/null
    for history in output/*/tuning_history.json; do
        [[ -f $history ]] || continue
        "$VENV/bin/python" -m ttsf_optuna_engine.mirror "${history%/*}" --follow 10 \
            --database output/.optuna.db >>output/.monitor-mirror.log 2>&1 &
        SERVERS+=("$!")
    done
    port=$(free_port 8080)
    serve "Optuna dashboard" "$port" "$VENV/bin/optuna-dashboard" \
        "$database" --port "$port" --host 127.0.0.1
    echo "Ctrl-C stops them all"
    wait
}

# --- 7. test -------------------------------------------------------------------------------

run_tests() {
    setup --dev
    # Один поток на процесс: иначе потоки OpenMP соседей вертятся вхолостую и мешают друг другу.
    # Файл тестов целиком достаётся одному процессу: фикстуры модуля готовятся однажды.
    OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} \
        "$VENV/bin/python" -m pytest --cov --numprocesses auto --maxprocesses 4 \
            --dist loadfile -m 'not long' "$@"
}

# --- 8. demo -------------------------------------------------------------------------------

demo() {
    local started=$SECONDS corpus=data/ru_nsh_demo
    setup
    say "getting $DEMO_CLIPS clips of real Russian speech"
    local code=0
    ttsf data get ru-nsh --dest "$corpus" --limit "$DEMO_CLIPS" --set max_seconds=8 || code=$?
    if ((code == 130)); then # прервали с клавиатуры, а не сеть подвела
        exit "$code"
    elif ((code)); then
        say "real speech cannot be had here (the reason is above): speech of espeak-ng instead"
        corpus=data/synthetic_demo
        ttsf data get synthetic --dest "$corpus" --limit "$DEMO_CLIPS"
    fi
    say "tuning"
    ttsf tune --config examples/demo.yaml --set "data.train=$corpus/train.csv" \
        --set "data.validation=$corpus/validation.csv"
    say "speaking"
    ttsf synthesize --checkpoint output/demo/best_model.ckpt --text "$DEMO_TEXT" \
        --out output/demo/demo.wav
    cat <<EOF

Done in $(((SECONDS - started) / 60)) min. What there is to see:
  output/demo/tuning_history.json   every decision: ./install.sh history show output/demo
  output/demo/best_model.ckpt       the best checkpoint
  output/demo/demo.wav              its voice: play it with any player (aplay, ffplay, ...)
  output/demo/tb, mlruns            curves, pictures and runs: ./install.sh monitor
A few minutes of training make speech-like sounds, not speech. Next: docs/tutorial/first-run.md
EOF
}

# --- выбор шага ----------------------------------------------------------------------------

menu() {
    local name
    PS3='Step: '
    select name in "${STEPS[@]}" quit; do
        [[ -n $name ]] && break
    done
    [[ -z $name || $name == quit ]] || step "$name"
}

step() {
    local name=$1
    shift
    if [[ $name =~ ^[1-8]$ ]]; then
        name=${STEPS[name - 1]}
    elif [[ $name =~ ^2\.[1-8]$ ]]; then
        name=${DATA_STEPS[${name#2.} - 1]}
    fi
    case $name in
        transcribe | prepare)
            setup --with whisper
            ttsf data "$name" "$@"
            ;;
        segment | normalize | check | split | version | import) ttsf data "$name" "$@" ;;
        setup) setup "$@" ;;
        data | train | tune | synthesize | history | config | doctor | plugins | vocoder | evaluate | models | plugin | trainer)
            ttsf "$name" "$@" ;;
        monitor) monitor ;;
        test) run_tests "$@" ;;
        demo) demo ;;
        -h | --help | help) usage ;;
        *)
            usage >&2
            die "$name: no such step"
            ;;
    esac
}

if (($#)); then
    step "$@"
elif [[ -t 0 && -t 1 ]]; then
    usage
    menu
else
    usage
    exit 2
fi
