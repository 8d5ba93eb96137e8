<?php
$argument = $argv[1] ?? 'nothing';
echo json_encode(['argument' => $argument, 'letters' => mb_strlen($argument)]), "\n";
