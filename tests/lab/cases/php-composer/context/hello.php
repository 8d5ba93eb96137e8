<?php

require __DIR__ . '/vendor/autoload.php';

echo Lab\Greet::to($argv[1] ?? 'world'), PHP_EOL;
