<?php echo "ready\n";
